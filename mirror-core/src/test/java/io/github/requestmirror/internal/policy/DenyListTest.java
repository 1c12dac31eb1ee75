package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Headers;
import io.github.requestmirror.RequestHead;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenyListTest {

  private static DenyList deny(String... methodsAndPatterns) {
    DenyList.Endpoint[] endpoints = new DenyList.Endpoint[methodsAndPatterns.length / 2];
    for (int i = 0; i < endpoints.length; i++) {
      endpoints[i] = DenyList.Endpoint.of(methodsAndPatterns[2 * i], methodsAndPatterns[2 * i + 1]);
    }
    return new DenyList(List.of(endpoints));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ingester/renewTokens",
        "/ingester/renewtokens",
        "/INGESTER/RENEWTOKENS",
        "/ingester/renewTokens/",
        "//ingester///renewTokens//",
        "/./ingester/./renewTokens/.",
        "/%69ngester/renewTokens",
        "/ingester%2FrenewTokens",
        "/ingester%2frenewTokens",
        "/ingester%252FrenewTokens",
        "/ingester%25252FrenewTokens",
        "/ingester/%2e/renewTokens",
        "/%2e%2e/ingester/renewTokens",
        "/x/%2e%2e/ingester/renewTokens",
        "/x/..%2fingester/renewTokens",
        "/x/%252e%252e/ingester/renewTokens",
        "/x/../ingester/renewTokens",
        "/../../ingester/renewTokens",
        "/ingester/x/../renewTokens",
        "/ingester/;/../renewTokens",
        "/ingester//../renewTokens",
        "/ingester/a%2Fb/../renewTokens",
        "/ingester/..;/ingester/renewTokens",
        "/ingester/renewTokens;x",
        "/ingester;v=1/renewTokens;jsessionid=2",
        "/ingester%3Bx/renewTokens",
        "/ingester\\renewTokens",
        "/ingester%5CrenewTokens",
        "\\ingester\\renewTokens",
        "/prometheus/ingester/renewTokens",
        "/a/b/c/ingester/renewTokens",
        "/ingester/renewTokens%3F",
        "/ingester/renewTokens%3Fforce=true",
        "/ingester/renewTokens%253Fx/y",
        "/ingester/renewTokens%23x",
        "/ingester/renewTokens%00",
        "/ingester/renewTokens%00.html",
        "/ingester/renew%00Tokens",
        "/ingester/renewTokens%0a",
        "/ingester/renewTokens%0d%0aX-Header:%20x",
        "/ingester/renew%0aTokens",
        "/ingester/renewTokens%20",
        "/ingester/renewTokens%3B%3Fx",
        "/x/..%3F/ingester/renewTokens",
        "/x%3F/ingester/renewTokens",
        "/x%23/../ingester/renewTokens",
        "/ingester%25252525252525252FrenewTokens",
        "/ingester/renewToken%25252525252525252525252573",
        "/ingester/renewToken%%37%33",
        "/ingester/renewToken%2%35%373",
        "ingester/renewTokens",
        "http://secondary/ingester/renewTokens"
      })
  void deniesEverySpellingOfAnEndpoint(String path) {
    assertThat(deny("*", "/ingester/renewTokens").denies("GET", path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "",
        "*",
        "/ingester",
        "/renewTokens",
        "/ingester/renewTokensX",
        "/Xingester/renewTokens",
        "/ingester/renewTokens/x",
        "/ingester/x/renewTokens",
        "/renewTokens/ingester",
        "/x/../renewTokens/ingester",
        "/ingester/renewTokens%",
        "/ingester/renewTokens%zz",
        "/ingester/renewTokensX%3F",
        "/ingester%3F/renewTokens",
        "/ingester%20x/renewTokens",
        "/ingester%2",
        "/api/v1/push"
      })
  void doesNotDenyOtherPaths(String path) {
    assertThat(deny("*", "/ingester/renewTokens").denies("GET", path)).isFalse();
  }

  /** A path with a slash at its end is normalized first, and so compared in another way. */
  @Test
  void deniesTheSamePathsWithAndWithoutAQuickLook() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int denied = 0;
    for (int list = 0; list < 300; list++) {
      String[] patterns = new String[2 * (1 + random.nextInt(20))];
      for (int i = 0; i < patterns.length; i += 2) {
        patterns[i] = "*";
        patterns[i + 1] = path(random, 3) + (random.nextInt(4) == 0 ? "/*" : "");
      }
      DenyList deny = deny(patterns);
      for (int i = 0; i < 200; i++) {
        String path = path(random, 5);
        boolean expected = deny.denies("GET", path + "/");
        denied += expected ? 1 : 0;
        assertThat(deny.denies("GET", path))
            .as("%s by %s, seed %d", path, List.of(patterns), seed)
            .isEqualTo(expected);
      }
    }
    assertThat(denied).as("denied paths").isBetween(5_000, 55_000);
  }

  private static String path(Random random, int maxSegments) {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(maxSegments); i >= 0; i--) {
      path.append('/').append((char) ('a' + random.nextInt(10)));
      path.append(random.nextBoolean() ? "" : "x.y-z");
    }
    return path.toString();
  }

  @Test
  void comparesMethodWithoutCase() {
    DenyList deny = deny("DELETE", "/api/v1/series");
    assertThat(deny.denies("DELETE", "/api/v1/series")).isTrue();
    assertThat(deny.denies("delete", "/api/v1/series")).isTrue();
    assertThat(deny.denies("GET", "/api/v1/series")).isFalse();
  }

  @Test
  void deniesAPathForEachOfItsMethods() {
    DenyList deny = deny("POST", "/ring", "DELETE", "/ring", "PURGE", "/api/ring");
    for (int i = 0; i < 2; i++) {
      assertThat(deny.denies("GET", "/api/ring")).isFalse();
      assertThat(deny.denies("POST", "/api/ring")).isTrue();
      assertThat(deny.denies("DELETE", "/api/ring")).isTrue();
      assertThat(deny.denies("PURGE", "/api/ring")).isTrue();
      assertThat(deny.denies("PURGE", "/ring")).isFalse();
    }
  }

  @Test
  void ordinaryPathsAreValidAndNotDenied() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    DenyList deny = deny("POST", "/a", "*", "/b/a/*");
    String characters = "//aabbccddeeff.?#%;*:\\A\u00e9\t ";
    int ordinary = 0;
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder(random.nextInt(4) > 0 ? "/" : "");
      for (int length = random.nextInt(7); length > 0; length--) {
        text.append(characters.charAt(random.nextInt(characters.length())));
      }
      String path = text.toString();
      if (deny.isOrdinary(path)) {
        ordinary++;
        RequestHead head = RequestHead.of("POST", path, null, Headers.of());
        assertThat(RequestTarget.normalized(head)).as("%s, seed %d", path, seed).isSameAs(head);
        assertThat(deny.denies("POST", path)).as("%s, seed %d", path, seed).isFalse();
        assertThat(deny.denies("POST", path + "/")).as("%s, seed %d", path, seed).isFalse();
      }
    }
    assertThat(ordinary).isBetween(2_000, 40_000);
    assertThat(deny.isOrdinary("/api/v1/push")).isTrue();
    assertThat(deny().isOrdinary("/api/v1/push")).isTrue();
  }

  @Test
  void deniesSubtreeWithItsRootUnderAnyPrefix() {
    DenyList deny = deny("*", "/api/v1/rules/*");
    assertThat(deny.denies("GET", "/api/v1/rules")).isTrue();
    assertThat(deny.denies("GET", "/api/v1/rules/")).isTrue();
    assertThat(deny.denies("GET", "/api/v1/rules/ns/group")).isTrue();
    assertThat(deny.denies("GET", "/mount/api/v1/rules/ns")).isTrue();
    assertThat(deny.denies("GET", "/api/v1/x/../rules/ns")).isTrue();
    assertThat(deny.denies("GET", "/api/v1/rulesets")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/x", "/x/y", "/x/../y", "/%2e", ""})
  void deniesAllPaths(String path) {
    assertThat(deny("*", "/*").denies("GET", path)).isTrue();
  }

  @Test
  void deniesTheRootAlone() {
    DenyList deny = deny("GET", "/");
    assertThat(deny.denies("GET", "/")).isTrue();
    assertThat(deny.denies("GET", "//")).isTrue();
    assertThat(deny.denies("GET", "/x/..")).isTrue();
    assertThat(deny.denies("GET", "/x")).isFalse();
  }

  @Test
  void deniesNothingByDefault() {
    assertThat(deny().denies("GET", "/ingester/shutdown")).isFalse();
  }

  /** A random combination of other spellings of a denied path is denied too. */
  @Test
  void deniesRandomSpellings() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    DenyList deny = deny("*", "/purger/delete_tenant");
    for (int i = 0; i < 20_000; i++) {
      String path = "/purger/delete_tenant";
      for (int steps = 1 + random.nextInt(4); steps > 0; steps--) {
        path = respelled(path, random);
      }
      assertThat(deny.denies("POST", path)).as("%s (seed %s)", path, seed).isTrue();
    }
  }

  @Test
  void onePassDecodesLikeRepeatedPasses() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder path = new StringBuilder();
      for (int length = random.nextInt(24); length > 0; length--) {
        path.append("%%%%%22553307/".charAt(random.nextInt(14)));
      }
      assertThat(DenyList.decode(path.toString()))
          .as("%s (seed %s)", path, seed)
          .isEqualTo(decodedRepeatedly(path.toString()));
    }
  }

  private static String decodedRepeatedly(String path) {
    String before = path;
    String after = decodedOnce(before);
    while (!after.equals(before)) {
      before = after;
      after = decodedOnce(before);
    }
    return after;
  }

  private static String decodedOnce(String path) {
    return Pattern.compile("%([0-7][0-7])")
        .matcher(path)
        .replaceAll(
            escape -> {
              char decoded = (char) Integer.parseInt(escape.group(1), 16);
              return Matcher.quoteReplacement(String.valueOf(decoded));
            });
  }

  /** Repeated passes over a path this long would take minutes. */
  @Test
  @Timeout(5)
  void decodesLongPathInLinearTime() {
    String path = "/" + "%25".repeat(300_000) + "2fshutdown";
    assertThat(deny("*", "/shutdown").denies("GET", path)).isTrue();
  }

  private static String respelled(String path, Random random) {
    int slash = path.indexOf('/', random.nextInt(path.length()));
    int at = Math.max(slash, 0);
    int letter = random.nextInt(path.length());
    return switch (random.nextInt(8)) {
      case 0 -> path.substring(0, at) + "/" + path.substring(at);
      case 1 -> path.substring(0, at) + "/." + path.substring(at);
      case 2 -> path.substring(0, at) + "/x/.." + path.substring(at);
      case 3 -> path.substring(0, at) + ";p=1" + path.substring(at);
      case 4 -> "/mount" + path;
      case 5 -> path + "/";
      case 6 ->
          path.substring(0, letter) + flipped(path.charAt(letter)) + path.substring(letter + 1);
      default ->
          path.substring(0, letter)
              + String.format("%%%02x", (int) path.charAt(letter))
              + path.substring(letter + 1);
    };
  }

  private static char flipped(char c) {
    return Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c);
  }
}
