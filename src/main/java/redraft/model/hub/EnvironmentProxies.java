package redraft.model.hub;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Proxies named by {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, in capitals or
 * not, as curl reads them, and never for this machine itself. Java's own system properties come
 * first where one is set.
 */
final class EnvironmentProxies extends ProxySelector {
  private static final String[] JAVA_PROPERTIES = {
    "https.proxyHost", "http.proxyHost", "socksProxyHost", "java.net.useSystemProxies"
  };

  private final Map<String, String> environment;

  EnvironmentProxies(Map<String, String> environment) {
    this.environment = environment;
    proxy("https");
    proxy("http");
  }

  /** Lets the client use these proxies, and the user names and passwords that they carry. */
  static void configure(HttpClient.Builder client, Map<String, String> environment) {
    if (Stream.of(JAVA_PROPERTIES).anyMatch(name -> System.getProperty(name) != null)) {
      client.proxy(ProxySelector.getDefault());
      return;
    }
    EnvironmentProxies proxies = new EnvironmentProxies(environment);
    client.proxy(proxies);
    List<URI> withUser =
        Stream.of("https", "http")
            .map(proxies::proxy)
            .filter(proxy -> proxy != null && proxy.getRawUserInfo() != null)
            .toList();
    if (withUser.isEmpty()) {
      return;
    }
    // Java would not send a password in the clear to open a tunnel; the environment asks for it.
    if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
    client.authenticator(
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            if (getRequestorType() != RequestorType.PROXY) {
              return null; // a server's own question: answered by its token or not at all
            }
            return withUser.stream()
                .filter(proxy -> proxy.getHost().equalsIgnoreCase(getRequestingHost()))
                .findFirst()
                .map(proxy -> credentials(proxy.getRawUserInfo()))
                .orElse(null);
          }
        });
  }

  private static PasswordAuthentication credentials(String userInfo) {
    String[] parts = userInfo.split(":", 2);
    String password = parts.length == 1 ? "" : parts[1];
    return new PasswordAuthentication(decoded(parts[0]), decoded(password).toCharArray());
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public List<Proxy> select(URI uri) {
    URI proxy = proxy(uri.getScheme());
    if (proxy == null || isExempt(uri.getHost(), uri.getPort())) {
      return List.of(Proxy.NO_PROXY);
    }
    int port = proxy.getPort() == -1 ? 80 : proxy.getPort();
    return List.of(
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port)));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // the request itself fails and says so
  }

  /** The proxy of that scheme; null for none. */
  private URI proxy(String scheme) {
    String variable = scheme.toUpperCase(Locale.ROOT) + "_PROXY";
    String value = value(variable);
    if (value == null) {
      return null;
    }
    try {
      URI proxy = URI.create(value.contains("://") ? value : "http://" + value);
      if (proxy.getHost() != null && "http".equalsIgnoreCase(proxy.getScheme())) {
        return proxy;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the value: it may hold a password
    }
    throw new IllegalArgumentException(
        variable + " is no proxy address of the form http://[USER:PASSWORD@]HOST:PORT");
  }

  private boolean isExempt(String host, int port) {
    if (host.matches("(?i)localhost|127\\..*|\\[::1]")) {
      return true;
    }
    String list = value("NO_PROXY");
    for (String entry : list == null ? new String[0] : list.split("[,\\s]+")) {
      String name = entry.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
      int colon = name.lastIndexOf(':');
      if (colon > 0 && name.indexOf(':') == colon) {
        if (!name.substring(colon + 1).equals(Integer.toString(port))) {
          continue;
        }
        name = name.substring(0, colon);
      }
      String asked = host.toLowerCase(Locale.ROOT);
      if (name.equals("*")
          || !name.isEmpty() && (asked.equals(name) || asked.endsWith("." + name))) {
        return true;
      }
    }
    return false;
  }

  private String value(String variable) {
    String value = environment.getOrDefault(variable.toLowerCase(Locale.ROOT), "");
    value = value.isBlank() ? environment.getOrDefault(variable, "") : value;
    return value.isBlank() ? null : value.strip();
  }
}
