package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The form that remains after the parameters of the query are removed. */
class FormBodyTest {
  private static Map<String, String[]> parameters(String... namesAndValues) {
    Map<String, List<String>> lists = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      lists.computeIfAbsent(namesAndValues[i], n -> new ArrayList<>()).add(namesAndValues[i + 1]);
    }
    Map<String, String[]> parameters = new LinkedHashMap<>();
    lists.forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
    return parameters;
  }

  /** Returns the form, or null if there is none. */
  private static @Nullable String copied(
      Map<String, String[]> parameters, @Nullable String query, @Nullable String encoding) {
    byte[] body = FormBody.of(parameters, query, encoding);
    return body == null ? null : new String(body, StandardCharsets.US_ASCII);
  }

  @Test
  void leadingValuesOfTheQueryAreRemoved() {
    assertThat(copied(parameters("a", "0", "a", "1", "b", "2"), "a=0", null)).isEqualTo("a=1&b=2");
    assertThat(copied(parameters("a", "x y", "a", "x y"), "a=x+y", null)).isEqualTo("a=x+y");
    assertThat(copied(parameters("a", "", "b", ""), "a&&", null)).isEqualTo("b=");
    assertThat(copied(parameters("a", "1"), "a=1", null)).isEmpty();
    assertThat(copied(Map.of(), null, null)).isEmpty();
  }

  @Test
  void parametersThatDoNotStartWithTheQuerysGiveNoForm() {
    assertThat(copied(parameters("a", "1", "a", "0"), "a=0", null)).isNull();
    assertThat(copied(parameters("a", "0"), "a=0&a=0", null)).isNull();
    assertThat(copied(parameters("a", "0", "b", "1"), "a=%C3%BC", null)).isNull();
  }

  @Test
  void malformedQueryThrows() {
    assertThatThrownBy(() -> FormBody.of(parameters("a", "1"), "a=%zz", null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void charactersNeedADeclaredCharset() {
    Map<String, String[]> umlaut = parameters("n", "\u00fc");
    assertThat(copied(umlaut, null, "UTF-8")).isEqualTo("n=%C3%BC");
    assertThat(copied(umlaut, null, "ISO-8859-1")).isEqualTo("n=%FC");
    assertThat(copied(umlaut, null, "US-ASCII")).isNull();
    assertThat(copied(umlaut, null, null)).isNull();
    assertThat(copied(parameters("\u00fc", "1"), null, null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ufffd", "a\ufffdb", "\ud800"})
  void textDecodedWithLossGivesNoForm(String value) {
    assertThat(copied(parameters("a", value), null, "UTF-8")).isNull();
    assertThat(copied(parameters(value, "a"), null, "UTF-8")).isNull();
  }

  /** Any form decodes to the same parameters after it was decoded and encoded again. */
  @Test
  void parametersSurviveReencoding() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Charset charset =
          List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1).get(random.nextInt(2));
      List<String> all = new ArrayList<>();
      for (int i = 0, n = 1 + random.nextInt(6); i < n; i++) {
        all.add("abc".substring(0, 1 + random.nextInt(3)));
        all.add(text(random, charset));
      }
      Map<String, String[]> parameters = parameters(all.toArray(String[]::new));
      String body = copied(parameters, null, charset.name());
      assertThat(body).as("seed %s, round %s", seed, round).isNotNull();
      List<String> decoded = new ArrayList<>();
      for (String pair : String.valueOf(body).split("&", -1)) {
        String[] parts = pair.split("=", -1);
        decoded.add(URLDecoder.decode(parts[0], charset));
        decoded.add(URLDecoder.decode(parts[1], charset));
      }
      assertThat(parameters(decoded.toArray(String[]::new)))
          .as("seed %s, round %s", seed, round)
          .usingRecursiveComparison()
          .isEqualTo(parameters);
    }
  }

  private static String text(Random random, Charset charset) {
    StringBuilder text = new StringBuilder();
    int limit = charset.equals(StandardCharsets.UTF_8) ? 0xd800 : 0x100;
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append((char) random.nextInt(limit));
    }
    return text.toString();
  }
}
