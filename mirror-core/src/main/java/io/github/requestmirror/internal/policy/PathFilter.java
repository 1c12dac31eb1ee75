package io.github.requestmirror.internal.policy;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Finds in one pass, without allocation, that a path is normalized and contains none of dozens of
 * endpoints. That is what nearly all paths are, and every request is compared with all endpoints. A
 * Bloom filter over the hashes of the endpoints' first segments. Immutable.
 */
final class PathFilter {
  /** What the pass over a path shows. */
  enum Look {
    /** The path is normalized and contains no endpoint. */
    ALLOWED,

    /** The path is normalized and may contain an endpoint. */
    CANONICAL,

    OTHER
  }

  private static final BitSet IN_SEGMENTS = new BitSet();

  static {
    IN_SEGMENTS.set('!', 0x7f);
    IN_SEGMENTS.clear('A', 'Z' + 1);
    for (char c : new char[] {'/', '%', ';', '\\', '?', '#'}) {
      IN_SEGMENTS.clear(c);
    }
  }

  /** Of longer endpoints only as many segments are compared. */
  private static final int MAX_SEGMENTS = 4;

  private static final int BITS = 4096;
  private static final int MULTIPLIER = 0x9e3779b1;

  private final long[] bits = new long[BITS / Long.SIZE];

  /**
   * @param endpoints normalized paths; one without a segment is in every path
   */
  PathFilter(List<String> endpoints) {
    for (String endpoint : endpoints) {
      if (endpoint.length() < 2) {
        Arrays.fill(bits, -1);
        continue;
      }
      int hash = 0;
      int segments = 0;
      for (String segment : endpoint.substring(1).split("/", MAX_SEGMENTS + 1)) {
        if (++segments <= MAX_SEGMENTS) {
          hash = hash * MULTIPLIER + hash(segment);
        }
      }
      int bit = bit(hash);
      bits[bit / Long.SIZE] |= 1L << bit;
    }
  }

  private static int hash(String segment) {
    int hash = 0;
    for (int i = 0; i < segment.length(); i++) {
      hash = 31 * hash + segment.charAt(i);
    }
    return hash;
  }

  Look look(String path) {
    int length = path.length();
    if (length < 2 || path.charAt(0) != '/') {
      return Look.OTHER;
    }
    boolean found = false;
    // The hashes of the last one, two and three segments.
    int one = 0;
    int two = 0;
    int three = 0;
    int segment = 0;
    int start = 1;
    for (int i = 1; i <= length; i++) {
      char c = i < length ? path.charAt(i) : '/';
      if (IN_SEGMENTS.get(c) && !(c == '.' && i == start)) {
        segment = 31 * segment + c;
      } else if (c == '/' && i > start) {
        int four = three * MULTIPLIER + segment;
        three = two * MULTIPLIER + segment;
        two = one * MULTIPLIER + segment;
        one = segment;
        found = found || isSet(one) || isSet(two) || isSet(three) || isSet(four);
        segment = 0;
        start = i + 1;
      } else {
        return Look.OTHER;
      }
    }
    return found ? Look.CANONICAL : Look.ALLOWED;
  }

  private boolean isSet(int hash) {
    int bit = bit(hash);
    return (bits[bit / Long.SIZE] & 1L << bit) != 0;
  }

  private static int bit(int hash) {
    int mixed = hash * 0x85ebca6b;
    return (mixed ^ mixed >>> 15) & (BITS - 1);
  }
}
