package io.github.requestmirror.internal.policy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.requestmirror.Headers;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.send.OutboundRequest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EchoMaskTest {
  private static final String TOKEN = "eyJhbGci.Oi/JIUz+I1NiJ9==";

  private static String mask(String text, String path, String... headers) {
    return new EchoMask(List.of("shared-secret", "two words", "Zone: eu", "platform"))
        .mask(new OutboundRequest("POST", path, Headers.of(headers), new Body()), text, false);
  }

  private static String mask(String text) {
    return mask(text, "/push", "Authorization", "Bearer " + TOKEN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user team-a: out of order sample",
        "Bearer token is not valid",
        "Authorization header: expected Basic",
        "",
        "no",
      })
  void textWithoutSecretsIsKept(String text) {
    assertThat(mask(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bad @ here | bad *** here",
        "bad token=@ here | bad *** here",
        "{'auth':'Bearer @','b':1} | {'auth':'Bearer ***','b':1}",
        // The target shows a part of it, in another case, or escaped.
        "bad eyJhbG... here | bad *** here",
        "bad ...UZ+I1N here | bad *** here",
        "bad EYJHBGCI.OI/JIUZ+I1NIJ9== here | bad *** here",
        "bad eyJhbGci.Oi%2FJIUz%2BI1NiJ9%3D%3D here | bad *** here",
        "@@ | ***",
      })
  void echoOfTheTokenIsMasked(String text, String shown) {
    assertThat(mask(text.replace("@", TOKEN))).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Cookie | sid=abcdef; theme=dark | sid abcdef, dark. | sid ***, ***",
        "Cookie | sessionid=abcdef | no sessionid | no sessionid",
        "Cookie | a=bcde | xbcde is not bcde | xbcde is not ***",
        // The scheme and the names of parameters are not secret.
        "Authorization | Custom abcdefgh | Custom: abcdefgh | Custom: ***",
        "Authorization | Digest username='a', response='abcdef' | response abcdef | response ***",
        "Authorization | Bearer abcdef= | Bearer abcdef= | Bearer ***",
        "X-Api-Key | k3y | key k3y or k3yb | key *** or k3yb",
        "x-set | shared-secret | no shared-secret | no ***",
        "x-set | shared-secret | no SHARED-SECRET! | no ***",
        "X-Set | two words | a two words b | a *** b",
        // May be ordinary words.
        "X-Set | Zone: eu | Zone eu | Zone eu",
        "X-Set | platform | platforms of the platform | platforms of the ***",
        "X-Amz-Security-Token | abcdefgh | xabcdefghx | ***",
        // What the policy does not set, and the name does not give away, is not secret.
        "X-Other | abcdefgh | xabcdefghx | xabcdefghx",
        "X-Scope-OrgID | tenant-1 | user tenant-1 | user tenant-1",
      })
  void secretsAreCredentialsAndWhatThePolicySets(
      String name, String value, String text, String shown) {
    assertThat(mask(text, "/push", name, value)).isEqualTo(shown);
  }

  /** RFC 7617: the target may show what it decodes. The user is not secret. */
  @Test
  void decodedPasswordIsMasked() {
    String[] basic = {"Authorization", "basic YWxhZGRpbjpvcGVuc2VzYW1l"};
    assertThat(mask("aladdin with opensesame or YWxhZGRpbj", "/", basic))
        .isEqualTo("aladdin with *** or ***");
  }

  @ParameterizedTest
  @ValueSource(strings = {"token-1:", "token-1"})
  void userWithoutAPasswordIsMasked(String credentials) {
    String base64 = Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8));
    assertThat(mask("no token-1 here", "/", "Authorization", "Basic " + base64))
        .isEqualTo("no *** here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no a&quot;b&amp;c&lt;d&gt;e-f here",
        "no a&#34;b&#x26;c&#60;d&#X3e;e-f here",
        "no a\\\"b\\u0026c<d>e\\-f here",
        "no %61%22b%26c%3Cd%3ee-f here",
        "no a%22b&c<d>e-f here",
      })
  void escapedSecretIsMasked(String text) {
    assertThat(mask(text, "/", "X-Api-Key", "a\"b&c<d>e-f")).isEqualTo("no *** here");
  }

  /** Headers have a character for each byte, and texts are read as UTF-8. */
  @Test
  void secretInUtf8IsMasked() {
    String key = "\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00df";
    String sent = new String(key.getBytes(UTF_8), ISO_8859_1);
    assertThat(mask("no " + key, "/", "X-Api-Key", sent)).isEqualTo("no ***");
    assertThat(mask("no " + key, "/", "X-Api-Key", key)).isEqualTo("no ***");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"%", "%4", "%zz", "&", "&;", "&#;", "&#x110000;", "&#99999999;", "\\", "\\u12"})
  void textThatEndsInAnEscapeIsKept(String end) {
    assertThat(mask("a" + end)).isEqualTo("a" + end);
    assertThat(mask(end + "a")).isEqualTo(end + "a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/a;jsessionid=abcdef/b | no /a;jsessionid=abcdef/b | no /a;***",
        "/a?access_token=abc%20def | 'no abc def, abc%20def' | no ***, ***",
        "/a?x=1&my-token=abcdef&y=2 | no x=1&my-token=abcdef&y=2 | no ***",
        "/a;s=abc%20def/b | no abc def | no ***",
        "/a%3Bs=abcdef/b | no abcdef | no ***",
        "/a;abcdef=/b | no abcdef= | no ***",
        "/a?x=1;sig=abcdef;y=2 | no abcdef | no ***",
        "/a?sig=abcd;efgh&y=2 | no bcd;efg | no ***",
        "/a?token=abc+def&y=2 | no abc def | no ***",
        "/a?key=abcdef&Code=bcdefg | no abcdef bcdefg | no *** ***",
        "/a?query=abcdef | no abcdef | no abcdef",
        "/a?keys=abcdef | no abcdef | no abcdef",
      })
  void secretsOfPathAndQueryAreMasked(String path, String text, String shown) {
    assertThat(mask(text, path)).isEqualTo(shown);
  }

  @Test
  void textIsAsLongAsPromised() {
    assertThat(mask("x".repeat(200))).isEqualTo("x".repeat(200));
    assertThat(mask("x".repeat(201))).isEqualTo("x".repeat(197) + "...");
    assertThat(mask("x ".repeat(120))).hasSize(200).endsWith("...");
    assertThat(mask("x".repeat(196) + "\ud83d\ude00" + "x".repeat(9)))
        .isEqualTo("x".repeat(196) + "...");
  }

  @Test
  void cutTextDoesNotEndInHalfACharacter() {
    OutboundRequest sent = new OutboundRequest("GET", "/", Headers.of(), new Body());
    assertThat(new EchoMask(List.of()).mask(sent, "ab\ud83d\ude00cdefg", true)).isEqualTo("ab...");
  }

  /** The rest of the secret is beyond the end, so that its start cannot be recognized. */
  @Test
  void endOfATextThatIsCutIsNotShown() {
    EchoMask mask = new EchoMask(List.of());
    OutboundRequest sent =
        new OutboundRequest("GET", "/", Headers.of("Authorization", "Bearer " + TOKEN), new Body());
    for (int length = 1; length < TOKEN.length(); length++) {
      assertThat(mask.mask(sent, "the token is " + TOKEN.substring(0, length), true))
          .doesNotContain("ey")
          .startsWith("the tok")
          .endsWith("...");
    }
  }

  /** The time is bounded, whatever a client sends. */
  @Test
  void nothingIsShownIfThereAreTooManySecrets() {
    assertThat(mask("bad request", "/", "Cookie", "a=bcde;".repeat(10_000)))
        .isEqualTo("(not shown: too many secrets)");
  }

  @Test
  void textIsShownAlthoughASecretIsLong() {
    String cookies = "session=" + "abcd-123;x=".repeat(1600);
    String query = "/?token=" + "x".repeat(8000);
    assertThat(mask("bad request", query, "Cookie", cookies)).isEqualTo("bad request");
  }

  /** With a time in proportion to text times secrets, this would take minutes. */
  @Test
  void timeIsLinear() {
    String text = "x".repeat(250) + "yz%41";
    String query = "/?" + "token=a;".repeat(500) + "&token=" + "x".repeat(12_000) + "a";
    Duration limit = Duration.ofSeconds(30);
    assertTimeoutPreemptively(
        limit,
        () -> {
          for (int i = 0; i < 1000; i++) {
            assertThat(mask(text, query)).isEqualTo("***");
          }
        });
  }

  /** No six characters of a secret in a row are shown, wherever the target puts them. */
  @Test
  void noPartOfASecretIsShown() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "abcXYZ019+/=._- ,;:\"'{}";
    for (int run = 0; run < 2000; run++) {
      String secret = random(random, alphabet, 8 + random.nextInt(40)).strip();
      int from = random.nextInt(secret.length());
      int to = from + random.nextInt(secret.length() - from + 1);
      String text =
          random(random, alphabet, random.nextInt(60))
              + secret.substring(from, to)
              + random(random, alphabet, random.nextInt(60));
      String shown = mask(text, "/", "X-Api-Key", secret).toLowerCase(Locale.ROOT);
      String lower = secret.toLowerCase(Locale.ROOT);
      for (int i = 0; i + 6 <= lower.length(); i++) {
        String window = lower.substring(i, i + 6);
        assertThat(shown.contains(window))
            .as("seed %s: %s of %s in %s", seed, window, secret, shown)
            .isFalse();
      }
    }
  }

  private static String random(Random random, String alphabet, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
