package io.github.requestmirror.internal.policy;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds parts of secrets in a short text, in any case. Six characters of a secret in a row are
 * found anywhere, a shorter secret as a whole word. The time is linear in the length of the
 * secrets, which clients choose: the windows of the text are hashed once, and a hash is rolled over
 * each secret. Two windows with the same hash count as equal, which at worst finds too much.
 */
final class SecretFinder {
  /** What a text must have in common with a longer secret. Less may be a coincidence. */
  static final int WINDOW = 6;

  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  private final String text;

  /** The hashes of all windows, sorted. */
  private final long[] windows;

  private final boolean[] foundWindows;

  /** The words that are shorter than a window. */
  private final Set<String> words = new HashSet<>();

  private final Set<String> foundWords = new HashSet<>();
  private final BitSet found = new BitSet();

  SecretFinder(String text) {
    this.text = text;
    this.windows = hashes(text);
    Arrays.sort(windows);
    this.foundWindows = new boolean[windows.length];
    for (int start = 0; start < text.length(); start++) {
      for (int end = start + 1; end < start + WINDOW && end <= text.length(); end++) {
        if (isWord(start, end)) {
          words.add(folded(start, end));
        }
      }
    }
  }

  /** Looks for a secret, or for parts of it if it is long enough. */
  void add(String secret) {
    if (secret.length() < WINDOW) {
      String word = folded(secret, 0, secret.length());
      if (words.contains(word)) {
        foundWords.add(word);
      }
      return;
    }
    for (long hash : hashes(secret)) {
      int window = Arrays.binarySearch(windows, hash);
      if (window >= 0) {
        foundWindows[window] = true;
      }
    }
  }

  /**
   * Looks for a secret as whole words. Takes time in proportion to both lengths.
   *
   * @param cut whether its start counts at the end of the text
   */
  void addWords(String secret, boolean cut) {
    int length = secret.length();
    for (int start = 0; start < text.length(); start++) {
      int end = Math.min(start + length, text.length());
      if ((end == start + length || cut)
          && text.regionMatches(true, start, secret, 0, end - start)
          && isWord(start, end)) {
        found.set(start, end);
      }
    }
  }

  /** Returns the positions of what was found. */
  BitSet found() {
    long[] hashes = hashes(text);
    for (int start = 0; start < hashes.length; start++) {
      // Finds the same one of equal hashes each time.
      if (foundWindows[Arrays.binarySearch(windows, hashes[start])]) {
        found.set(start, start + WINDOW);
      }
    }
    for (int start = 0; !foundWords.isEmpty() && start < text.length(); start++) {
      for (int end = start + 1; end < start + WINDOW && end <= text.length(); end++) {
        if (isWord(start, end) && foundWords.contains(folded(start, end))) {
          found.set(start, end);
        }
      }
    }
    return found;
  }

  private boolean isWord(int start, int end) {
    return (start == 0 || !Character.isLetterOrDigit(text.charAt(start - 1)))
        && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
  }

  private String folded(int start, int end) {
    return folded(text, start, end);
  }

  private static String folded(String text, int start, int end) {
    char[] folded = new char[end - start];
    for (int i = start; i < end; i++) {
      folded[i - start] = folded(text.charAt(i));
    }
    return new String(folded);
  }

  private static char folded(char c) {
    return Character.toLowerCase(Character.toUpperCase(c));
  }

  private static long[] hashes(String text) {
    long[] hashes = new long[Math.max(0, text.length() - WINDOW + 1)];
    long factorOfOldest = 1;
    for (int i = 1; i < WINDOW; i++) {
      factorOfOldest *= FACTOR;
    }
    long hash = 0;
    for (int i = 0; i < text.length(); i++) {
      if (i >= WINDOW) {
        hash -= folded(text.charAt(i - WINDOW)) * factorOfOldest;
      }
      hash = hash * FACTOR + folded(text.charAt(i));
      if (i >= WINDOW - 1) {
        hashes[i - WINDOW + 1] = hash;
      }
    }
    return hashes;
  }
}
