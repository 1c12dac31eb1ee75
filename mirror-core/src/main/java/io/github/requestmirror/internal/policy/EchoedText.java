package io.github.requestmirror.internal.policy;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/** The text of a response, which may repeat secrets, as it is and without escapes. */
final class EchoedText {
  private static final int MAX_TEXT = 200;
  private static final String MASK = "***";
  private static final String MORE = "...";

  /** More is not compared, so that a large head does not keep the thread busy. */
  private static final int MAX_SECRETS = 32 << 10;

  private static final String TOO_MANY = "(not shown: too many secrets)";
  private static final String ENDS_OF_WORDS = " \"'<>(){}[],;";

  private final String text;
  private final boolean cut;
  private final UnescapedText unescaped;
  private final SecretFinder[] finders;
  private int size;

  /**
   * @param text in one line
   * @param cut whether the text is the start of a longer one; its end may be a part of a secret
   *     that is too short to be recognized
   */
  EchoedText(String text, boolean cut) {
    this.text = text;
    this.cut = cut;
    this.unescaped = new UnescapedText(text);
    String other = unescaped.text();
    this.finders =
        other.equals(text)
            ? new SecretFinder[] {new SecretFinder(text)}
            : new SecretFinder[] {new SecretFinder(text), new SecretFinder(other)};
  }

  /** Adds a secret, as it is sent and as the target may read it. */
  void add(String secret) {
    addOnce(secret);
    if (secret.indexOf('%') >= 0) {
      addOnce(DenyList.decode(secret));
    }
    if (secret.chars().anyMatch(c -> c >= 0x80)) {
      // Each byte is sent as the character with its number.
      byte[] bytes = secret.getBytes(StandardCharsets.ISO_8859_1);
      addOnce(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  private void addOnce(String secret) {
    size += secret.length();
    if (size <= MAX_SECRETS && !secret.isEmpty()) {
      addPart(secret);
    }
  }

  /** Adds a part of a secret that has been added. */
  void addPart(String secret) {
    for (SecretFinder finder : finders) {
      finder.add(secret);
    }
  }

  /** Adds a secret that is recognized only as whole words. */
  void addWords(String secret) {
    for (SecretFinder finder : finders) {
      finder.addWords(secret, cut);
    }
  }

  private BitSet secretPositions() {
    BitSet secret = finders[0].found();
    if (finders.length > 1) {
      finders[1].found().stream()
          .forEach(index -> secret.set(unescaped.from(index), unescaped.to(index)));
    }
    return secret;
  }

  /** Returns the start of the text. Words with a part of a secret are masked. */
  String masked() {
    if (size > MAX_SECRETS) {
      return TOO_MANY;
    }
    BitSet secret = secretPositions();
    int limit = cut ? endOfWhatIsSafe() : text.length();
    StringBuilder masked = new StringBuilder();
    int start = 0;
    while (start < limit && masked.length() <= MAX_TEXT) {
      int end = start;
      boolean isSecret = false;
      while (end < text.length() && (secret.get(end) || !endsWord(text.charAt(end)))) {
        isSecret |= secret.get(end);
        end++;
      }
      if (isSecret) {
        masked.append(MASK);
      } else {
        masked.append(text, start, Math.min(end, limit));
      }
      if (end < limit) {
        masked.append(text.charAt(end));
      }
      start = end + 1;
    }
    return cut || masked.length() > MAX_TEXT ? shortened(masked) : masked.toString();
  }

  private int endOfWhatIsSafe() {
    int end = unescaped.text().length() - SecretFinder.WINDOW;
    return end <= 0 ? 0 : unescaped.from(end);
  }

  private static boolean endsWord(char c) {
    return ENDS_OF_WORDS.indexOf(c) >= 0;
  }

  private static String shortened(StringBuilder masked) {
    int end = Math.min(masked.length(), MAX_TEXT - MORE.length());
    if (end > 0 && Character.isHighSurrogate(masked.charAt(end - 1))) {
      end--;
    }
    masked.setLength(end);
    return masked + MORE;
  }
}
