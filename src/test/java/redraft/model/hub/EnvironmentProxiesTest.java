package redraft.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redraft.model.ModelException;
import redraft.model.hub.HuggingFaceHub.RemoteFile;

class EnvironmentProxiesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "https://huggingface.co/x       | secure.example:3128",
        "http://huggingface.co/x        | plain.example:80",
        "https://hub.corp.example/x     | none",
        "https://corp.example/x         | none",
        "https://notcorp.example/x      | secure.example:3128",
        "https://mirror.example:8443/x  | none",
        "https://mirror.example/x       | secure.example:3128",
        "http://127.0.0.1:9000/x        | none",
        "http://localhost/x             | none",
        "http://[::1]:9000/x            | none"
      })
  void aProxyIsChosenBySchemeUnlessTheHostIsExempt(String address, String expected) {
    EnvironmentProxies proxies =
        new EnvironmentProxies(
            Map.of(
                "HTTPS_PROXY", "http://secure.example:3128/",
                "http_proxy", "plain.example",
                "NO_PROXY", ".corp.example, mirror.example:8443"));
    Proxy proxy = proxies.select(URI.create(address)).get(0);
    InetSocketAddress chosen = (InetSocketAddress) proxy.address();
    assertEquals(expected, chosen == null ? null : chosen.getHostString() + ":" + chosen.getPort());
  }

  @Test
  void aStarExemptsAll() {
    EnvironmentProxies proxies =
        new EnvironmentProxies(Map.of("https_proxy", "http://p.example:1", "no_proxy", "*"));
    assertEquals(List.of(Proxy.NO_PROXY), proxies.select(URI.create("https://huggingface.co")));
  }

  @Test
  void anAddressThatIsNoneIsRefusedWithoutItsPassword() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new EnvironmentProxies(Map.of("HTTPS_PROXY", "socks5://u:pass@p.example:1")))
            .getMessage();
    assertTrue(message.startsWith("HTTPS_PROXY is no proxy address"), message);
    assertFalse(message.contains("pass@"), message);
  }

  @Test
  void aTunnelThatWantsALoginIsToldInOneLine() throws IOException {
    try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> refuseTunnels(proxy));
      thread.setDaemon(true);
      thread.start();
      Map<String, String> environment =
          Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.getLocalPort());
      HuggingFaceHub hub =
          new HuggingFaceHub(
              HuggingFaceHub.Access.of("https://hub.invalid", environment),
              note -> {},
              duration -> {},
              Duration.ofSeconds(60));
      String message =
          assertThrows(ModelException.class, () -> hub.find("a/b", "main", "c.json")).getMessage();
      assertTrue(message.contains("the proxy answered 407, it wants a login"), message);
      assertTrue(message.contains("HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT"), message);
    }
  }

  private static void refuseTunnels(ServerSocket proxy) {
    String answer =
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
    while (!proxy.isClosed()) {
      try (Socket client = proxy.accept()) {
        assertTrue(client.getInputStream().read(new byte[4096]) > 0);
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // closed
      }
    }
  }

  @Test
  void requestsGoThroughTheProxyWithTheLoginThatItsAddressCarries() throws IOException {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String login = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
            seen.add(exchange.getRequestURI() + " " + login);
            HubServer.Fault answer =
                login == null
                    ? HubServer.status(407, "Proxy-Authenticate", "Basic realm=\"here\"")
                    : HubServer.status(
                        200,
                        "X-Repo-Commit",
                        HubServer.COMMIT,
                        "ETag",
                        "W/\"" + "a".repeat(40) + "\"",
                        "Content-Length",
                        "7");
            answer.answer(exchange, null);
          }
        });
    proxy.start();
    try {
      Map<String, String> environment =
          Map.of("HTTP_PROXY", "http://us%40er:pa%3Ass@127.0.0.1:" + proxy.getAddress().getPort());
      HuggingFaceHub hub =
          new HuggingFaceHub(
              HuggingFaceHub.Access.of("http://hub.invalid/", environment), seen::add);
      assertEquals(
          new RemoteFile("a/b", HubServer.COMMIT, "c.json", 7, "a".repeat(40)),
          hub.require("a/b", "refs/pr/1", "c.json"));
      String address = "http://hub.invalid/a/b/resolve/refs%2Fpr%2F1/c.json";
      // base64 of us@er:pa:ss
      assertEquals(List.of(address + " null", address + " Basic dXNAZXI6cGE6c3M="), seen);
    } finally {
      proxy.stop(0);
    }
  }
}
