package io.github.requestmirror.internal.policy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.send.OutboundRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes from the text of a response the secrets that the request sent, because some servers
 * repeat what they received. A word that contains six characters of a secret in a row is masked as
 * a whole, also if they are in another case, percent-encoded, or escaped as in HTML or JSON. Other
 * encodings are not recognized. Secrets are credentials by the name of their header or parameter,
 * and parameters of path segments, such as session ids. Other headers that the policy sets may be
 * ordinary words, so of them only long words are masked, and only as a whole.
 */
final class EchoMask {
  /** Shorter parts of a secret are words of any text. */
  private static final int SHORTEST_PART = 4;

  /** The same for what may not be secret. */
  private static final int SHORTEST_WORD = 8;

  private static final Pattern SEPARATORS = Pattern.compile("[\\s,;=:&\"']+");

  private final List<String> words = new ArrayList<>();

  /**
   * @param values of the headers that the policy sets and that are not credentials by their names
   */
  EchoMask(List<String> values) {
    for (String value : values) {
      addWord(value.strip());
      for (String part : SEPARATORS.split(value, -1)) {
        addWord(part);
      }
    }
  }

  private void addWord(String word) {
    if (word.length() >= SHORTEST_WORD && !words.contains(word)) {
      words.add(word);
    }
  }

  /**
   * Returns the start of a text, without secrets.
   *
   * @param sent the request
   * @param text in one line
   * @param cut whether the text is the start of a longer one
   */
  String mask(OutboundRequest sent, String text, boolean cut) {
    EchoedText echoed = new EchoedText(text, cut);
    words.forEach(echoed::addWords);
    Headers headers = sent.headers();
    for (int i = 0; i < headers.size(); i++) {
      if (Credentials.isHeader(headers.name(i))) {
        addHeader(headers.name(i), headers.value(i).strip(), echoed);
      }
    }
    int query = sent.path().indexOf('?');
    String path = query < 0 ? sent.path() : sent.path().substring(0, query);
    addPathParameters(path, echoed);
    if (path.indexOf('%') >= 0) {
      addPathParameters(DenyList.decode(path), echoed);
    }
    if (query >= 0) {
      addParameters(sent.path().substring(query + 1), echoed);
    }
    return echoed.masked();
  }

  private static void addHeader(String name, String value, EchoedText to) {
    if (name.equalsIgnoreCase("Cookie") || name.equalsIgnoreCase("Cookie2")) {
      addValues(value, ";", to);
      return;
    }
    int blank = value.indexOf(' ');
    boolean hasScheme =
        blank > 0
            && (name.toLowerCase(Locale.ROOT).endsWith("authorization")
                || isScheme(value.substring(0, blank)));
    String credentials = hasScheme ? value.substring(blank + 1).strip() : value;
    if (hasScheme && startsWithParameter(credentials)) {
      addValues(credentials, ",", to);
      return;
    }
    add(credentials, to);
    String password =
        hasScheme && value.regionMatches(true, 0, "Basic ", 0, 6) ? passwordOf(credentials) : null;
    if (password != null) {
      add(password, to);
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

  /** Returns whether there is a name with a value, not only the padding of a token. */
  private static boolean startsWithParameter(String credentials) {
    int equals = credentials.indexOf('=');
    return equals > 0 && equals + 1 < credentials.length() && credentials.charAt(equals + 1) != '=';
  }

  /** Without a password, the name of the user is the credential. */
  private static @Nullable String passwordOf(String base64) {
    try {
      String decoded = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      return colon == decoded.length() - 1
          ? decoded.substring(0, Math.max(0, colon))
          : decoded.substring(colon + 1);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void addPathParameters(String path, EchoedText to) {
    for (String segment : path.split("/", -1)) {
      int parameters = segment.indexOf(';');
      if (parameters >= 0) {
        addValues(segment.substring(parameters + 1), ";", to);
      }
    }
  }

  /** Some servers separate parameters by {@code ;}, others have it in values. */
  private static void addParameters(String query, EchoedText to) {
    int start = 0;
    int added = 0;
    while (start < query.length()) {
      int end = start;
      while (end < query.length() && query.charAt(end) != '&' && query.charAt(end) != ';') {
        end++;
      }
      int equals = query.indexOf('=', start);
      if (start >= added
          && equals > start
          && equals < end
          && Credentials.isSecretParameter(query.substring(start, equals))) {
        int and = query.indexOf('&', end);
        added = and < 0 ? query.length() : and;
        String value = query.substring(equals + 1, added);
        add(value, to);
        if (value.indexOf('+') >= 0) {
          add(value.replace('+', ' '), to);
        }
      }
      start = end + 1;
    }
  }

  /** Adds the values of a list of parameters. Their names are not secret. */
  private static void addValues(String parameters, String separator, EchoedText to) {
    for (String parameter : parameters.split(separator, -1)) {
      String value =
          startsWithParameter(parameter)
              ? parameter.substring(parameter.indexOf('=') + 1)
              : parameter;
      add(value.strip(), to);
    }
  }

  private static void add(String secret, EchoedText to) {
    to.add(secret);
    // Longer parts are found as parts of the whole.
    for (String part : SEPARATORS.split(secret, -1)) {
      if (part.length() >= SHORTEST_PART
          && part.length() < SecretFinder.WINDOW
          && part.length() < secret.length()) {
        to.addPart(part);
      }
    }
  }
}
