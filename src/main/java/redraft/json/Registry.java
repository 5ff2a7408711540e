package redraft.json;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Things that can be named, in the order in which they are listed. Safe for use by several threads.
 *
 * @param <T> the things
 */
public final class Registry<T> {
  private final String kind;
  private final Function<T, String> name;
  private final List<T> all;

  /**
   * @param kind in messages, such as "verification rule"
   */
  public Registry(String kind, Function<T, String> name, List<T> all) {
    this.kind = kind;
    this.name = name;
    this.all = new CopyOnWriteArrayList<>(all);
  }

  public List<T> all() {
    return List.copyOf(all);
  }

  public List<String> names() {
    return all.stream().map(name).toList();
  }

  /**
   * The one of that name.
   *
   * @throws IllegalArgumentException naming all, if there is none
   */
  public T named(String wanted) {
    return all.stream()
        .filter(one -> name.apply(one).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown " + kind + " '" + wanted + "'; one of " + String.join(", ", names())));
  }

  /** Adds one from outside of the program, until what is returned is closed. */
  public Registration register(T one) {
    if (names().contains(name.apply(one))) {
      throw new IllegalArgumentException("two are named '" + name.apply(one) + "': " + kind);
    }
    all.add(one);
    return () -> all.remove(one);
  }

  /** What takes a registered thing away again. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
