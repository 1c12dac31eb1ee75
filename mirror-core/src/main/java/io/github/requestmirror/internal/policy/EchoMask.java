package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.send.OutboundRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes from the text of a response the secrets that the request sent, because some servers
 * repeat what they received. A word that contains six characters of a secret in a row is masked as
 * a whole, so that neither a part nor an escaped form is left. Secrets are credentials by the name
 * of their header or parameter, what the policy set, and parameters of path segments, such as
 * session ids.
 */
final class EchoMask {
  private static final int MAX_TEXT = 200;
  private static final String MASK = "***";

  /** What a text must have in common with a secret. Less may be a coincidence. */
  private static final int WINDOW = 6;

  /** Shorter parts of a secret are words of any text. */
  private static final int SHORTEST_PART = 4;

  /** More is not compared, so that a large cookie does not keep the thread busy. */
  private static final int MAX_SECRETS = 8192;

  private static final Pattern SEPARATORS = Pattern.compile("[\\s,;=:&\"']+");
  private static final String ENDS_OF_WORDS = " \"'<>(){}[],;";

  /** Names of the headers that the policy sets, in lower case. */
  private final Set<String> edited;

  EchoMask(Set<String> edited) {
    this.edited = edited;
  }

  /**
   * Returns the start of a text, without secrets.
   *
   * @param sent the request
   * @param text in one line
   * @param cut whether the text is the start of a longer one; its end may be a part of a secret
   *     that is too short to be recognized
   */
  String mask(OutboundRequest sent, String text, boolean cut) {
    Secrets secrets = new Secrets(text);
    Headers headers = sent.headers();
    for (int i = 0; i < headers.size(); i++) {
      String name = headers.name(i);
      if (Credentials.isHeader(name) || edited.contains(name.toLowerCase(Locale.ROOT))) {
        secrets.addValue(headers.value(i));
      }
    }
    int query = sent.path().indexOf('?');
    for (String segment :
        sent.path().substring(0, query < 0 ? sent.path().length() : query).split("/", -1)) {
      int parameters = segment.indexOf(';');
      if (parameters >= 0) {
        secrets.addValue(segment.substring(parameters + 1));
      }
    }
    if (query >= 0) {
      addParameters(sent.path().substring(query + 1), secrets);
    }
    return secrets.size > MAX_SECRETS ? MASK : secrets.masked(cut);
  }

  private static void addParameters(String query, Secrets secrets) {
    for (String parameter : query.split("&", -1)) {
      int equals = parameter.indexOf('=');
      if (equals > 0 && Credentials.isSecretParameter(parameter.substring(0, equals))) {
        String value = parameter.substring(equals + 1);
        secrets.addValue(value);
        secrets.addValue(DenyList.decode(value));
      }
    }
  }

  /** A text and what of it is secret. */
  private static final class Secrets {
    private final String text;
    private final boolean[] secret;
    private int size;

    Secrets(String text) {
      this.text = text;
      this.secret = new boolean[text.length()];
    }

    /** Adds the value of a header or parameter. */
    void addValue(String value) {
      int blank = value.indexOf(' ');
      if (blank > 0 && isScheme(value.substring(0, blank))) {
        String credentials = value.substring(blank + 1).strip();
        addParts(credentials);
        String password =
            value.regionMatches(true, 0, "Basic ", 0, 6) ? passwordOf(credentials) : null;
        if (password != null) {
          addPart(password);
        }
      } else {
        addParts(value.strip());
      }
    }

    private static boolean isScheme(String word) {
      return word.equalsIgnoreCase("Basic")
          || word.equalsIgnoreCase("Bearer")
          || word.equalsIgnoreCase("Digest")
          || word.equalsIgnoreCase("DPoP")
          || word.equalsIgnoreCase("Negotiate")
          || word.toUpperCase(Locale.ROOT).startsWith("AWS4-");
    }

    private static @Nullable String passwordOf(String base64) {
      try {
        String decoded = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        return decoded.substring(decoded.indexOf(':') + 1);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    private void addParts(String value) {
      addPart(value);
      for (String part : SEPARATORS.split(value, -1)) {
        if (part.length() >= SHORTEST_PART && part.length() < value.length()) {
          addPart(part);
        }
      }
    }

    private void addPart(String part) {
      size += part.length();
      if (part.isEmpty() || size > MAX_SECRETS) {
        return;
      }
      int window = Math.min(WINDOW, part.length());
      for (int i = 0; i + window <= text.length(); i++) {
        if (occursIn(part, i, window) && (window >= SHORTEST_PART || isWord(i, i + window))) {
          for (int j = i; j < i + window; j++) {
            secret[j] = true;
          }
        }
      }
    }

    /** Returns whether a part of the text occurs in a secret, in any case. */
    private boolean occursIn(String part, int start, int length) {
      for (int i = 0; i + length <= part.length(); i++) {
        if (part.regionMatches(true, i, text, start, length)) {
          return true;
        }
      }
      return false;
    }

    private static boolean endsWord(char c) {
      return ENDS_OF_WORDS.indexOf(c) >= 0;
    }

    private boolean isWord(int start, int end) {
      return (start == 0 || !Character.isLetterOrDigit(text.charAt(start - 1)))
          && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
    }

    String masked(boolean cut) {
      int limit = cut ? Math.max(0, text.length() - WINDOW) : text.length();
      StringBuilder masked = new StringBuilder();
      int start = 0;
      while (start < limit && masked.length() < MAX_TEXT) {
        int end = start;
        boolean isSecret = false;
        while (end < text.length() && (secret[end] || !endsWord(text.charAt(end)))) {
          isSecret |= secret[end];
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
      boolean isLonger = start < limit || masked.length() > MAX_TEXT;
      masked.setLength(Math.min(MAX_TEXT, masked.length()));
      return cut || isLonger ? masked + "..." : masked.toString();
    }
  }
}
