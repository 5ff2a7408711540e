package redraft.model.server;

import java.time.Duration;

/**
 * How servers are spoken to.
 *
 * @param patience longest time until an answer is there, all of it
 * @param key that they want; null for none
 * @param retries how often what is posted is posted again where a server is busy or breaks off,
 *     after one second, two, four …
 */
public record ServerContact(Duration patience, String key, int retries) {
  ServerContact withoutKey() {
    return new ServerContact(patience, null, retries);
  }
}
