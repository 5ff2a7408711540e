package redraft.draft;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts every stretch of a growing text up to a depth, and says what usually followed where its
 * last tokens stood before. Of what stands once only, no node holds what follows: that is read off
 * the text.
 *
 * <p><a href="https://arxiv.org/abs/2411.04975">Oliaro et al. 2024, SuffixDecoding</a>, as the
 * release arctic-inference 0.3.0 has it, which vLLM calls: its tree of one request, paths without
 * branches. Adding a token takes O(depth), a draft O(depth²) at most.
 */
final class SuffixTree {
  private static final int ROOT = 0;
  private static final int NONE = -1;
  private static final double ROUNDING = 1e-6; // of factor times match, as in the release

  private final Limits limits;
  private int[] text = new int[64];
  private int length;

  /** [depth + 1]: the node of the last n tokens; NONE where they stand once and have no node. */
  private final int[] ends;

  private final Map<Long, Integer> children = new HashMap<>(); // by parent and token
  private int nodes;
  private int[] count = new int[64]; // occurrences
  private int[] after = new int[64]; // index in the text after the first occurrence
  private int[] parent = new int[64];
  private int[] first = new int[64]; // child: the most frequent one
  private int[] last = new int[64];
  private int[] next = new int[64]; // sibling, of at most the same count
  private int[] previous = new int[64];
  private int[] group = new int[64]; // of siblings of one count

  private int groups;
  private int[] groupFirst = new int[64]; // the node that leads a group

  /**
   * What is searched and drafted.
   *
   * @param depth of the tree: tokens of a match and what follows it together
   * @param factor drafted tokens for each token that matches, at most
   * @param least share of the occurrences of the match that go on with all drafted tokens
   */
  record Limits(int depth, float factor, float least) {
    /** The defaults of vLLM 0.33. */
    static final Limits USUAL = new Limits(24, 1, 0.1f);

    Limits {
      if (depth < 2 || !(factor > 0) || !(least >= 0 && least <= 1)) {
        throw new IllegalArgumentException(
            "a suffix tree of depth "
                + depth
                + " with factor "
                + factor
                + " and least probability "
                + least
                + " drafts nothing; depth must be at least 2, the factor more than 0, the probability from 0 to 1");
      }
    }
  }

  /** Of an empty text. */
  SuffixTree(Limits limits) {
    this.limits = limits;
    ends = new int[limits.depth + 1];
    clear();
  }

  /** Makes the text this one: goes on from its end where the text only grew. */
  void follow(int[] other, int otherLength) {
    if (otherLength < length || !Arrays.equals(text, 0, length, other, 0, length)) {
      clear();
    }
    while (length < otherLength) {
      append(other[length]);
    }
  }

  private void clear() {
    length = 0;
    nodes = 0;
    groups = 0;
    children.clear();
    Arrays.fill(ends, NONE);
    newNode(NONE, 0);
  }

  /** Adds a token to the text: the last n tokens are now the last n − 1 of before, and it. */
  void append(int token) {
    if (length == text.length) {
      text = Arrays.copyOf(text, 2 * length);
    }
    text[length++] = token;
    // Downwards: ends[n − 1] is still that of one token before.
    for (int n = Math.min(limits.depth, length); n >= 1; n--) {
      int from = n == 1 ? ROOT : ends[n - 1];
      if (from == NONE || from != ROOT && count[from] == 1) {
        ends[n] = NONE; // what it goes on from stands once only
        continue;
      }
      Integer known = children.get(key(from, token));
      if (known == null) {
        ends[n] = newChild(from, length);
        continue;
      }
      ends[n] = known;
      increment(known);
      if (count[known] == 2 && n < limits.depth) { // what followed the first one, until now implied
        int then = newChild(known, after[known] + 1);
        if (after[then] == length) {
          ends[n + 1] = then;
        }
      }
    }
  }

  private static long key(int above, int token) {
    return (long) above << 32 | token & 0xffffffffL;
  }

  private int newNode(int above, int end) {
    if (nodes == count.length) {
      int room = 2 * nodes;
      count = Arrays.copyOf(count, room);
      after = Arrays.copyOf(after, room);
      parent = Arrays.copyOf(parent, room);
      first = Arrays.copyOf(first, room);
      last = Arrays.copyOf(last, room);
      next = Arrays.copyOf(next, room);
      previous = Arrays.copyOf(previous, room);
      group = Arrays.copyOf(group, room);
    }
    count[nodes] = 1;
    after[nodes] = end;
    parent[nodes] = above;
    first[nodes] = NONE;
    last[nodes] = NONE;
    next[nodes] = NONE;
    previous[nodes] = NONE;
    return nodes++;
  }

  /** Something that stands once so far, behind its siblings. */
  private int newChild(int above, int end) {
    int node = newNode(above, end);
    children.put(key(above, text[end - 1]), node);
    int before = last[above];
    last[above] = node;
    if (before == NONE) {
      first[above] = node;
    } else {
      next[before] = node;
      previous[node] = before;
    }
    join(node, before);
    return node;
  }

  /** Joins the group of the sibling before it, or leads one of its own. */
  private void join(int node, int before) {
    if (before != NONE && count[before] == count[node]) {
      group[node] = group[before];
      return;
    }
    if (groups == groupFirst.length) {
      groupFirst = Arrays.copyOf(groupFirst, 2 * groups);
    }
    group[node] = groups;
    groupFirst[groups++] = node;
  }

  /**
   * Counts one more occurrence. Siblings stay in the order of their counts; of equal ones the order
   * is that of the release: one that led its group goes to the front of the next, others to its
   * end.
   */
  private void increment(int node) {
    int before = previous[node];
    int behind = next[node];
    boolean leads = groupFirst[group[node]] == node;
    if (leads && behind != NONE && count[behind] == count[node]) {
      groupFirst[group[node]] = behind;
    }
    if (before == NONE || count[before] > count[node] + 1) {
      count[node]++;
      join(node, before);
      return;
    }
    int other = groupFirst[group[before]]; // of its own count, or of one more
    next[before] = behind;
    if (behind == NONE) {
      last[parent[node]] = before;
    } else {
      previous[behind] = before;
    }
    count[node]++;
    int ahead = previous[other];
    previous[node] = ahead;
    next[node] = other;
    previous[other] = node;
    if (ahead == NONE) {
      first[parent[node]] = node;
    } else {
      next[ahead] = node;
    }
    if (ahead != NONE && count[ahead] == count[node] || count[other] != count[node]) {
      join(node, ahead);
    } else {
      group[node] = group[other];
      groupFirst[group[node]] = node;
    }
  }

  /**
   * What the text goes on with: of the matches of its last 1, 2, … tokens the one whose draft has
   * the highest sum of probabilities, of equal ones the longest.
   */
  int[] draft() {
    int[] best = new int[0];
    float bestScore = 0;
    int[] tokens = new int[limits.depth];
    int longest = Math.min(length, limits.depth) - 1;
    for (int match = 1; match <= longest; match++) {
      int node = ends[match];
      if (node == NONE || count[node] == 1) {
        break; // and so do longer ones
      }
      int most = Math.min(limits.depth - match, (int) (match * limits.factor + ROUNDING));
      float probability = 1; // of the draft so far, of all occurrences of the match
      float score = 0;
      int drafted = 0;
      int copied = 0; // tokens since the text was all that is known of what follows
      while (drafted < most) {
        int token;
        if (count[node] == 1) {
          if (after[node] + copied == length) {
            break;
          }
          token = text[after[node] + copied++];
        } else {
          int then = first[node];
          probability *= (float) count[then] / count[node];
          if (probability < limits.least) {
            break;
          }
          node = then;
          token = text[after[node] - 1];
        }
        tokens[drafted++] = token;
        score += probability;
      }
      if (score >= bestScore) {
        bestScore = score;
        best = Arrays.copyOf(tokens, drafted);
      }
    }
    return best;
  }
}
