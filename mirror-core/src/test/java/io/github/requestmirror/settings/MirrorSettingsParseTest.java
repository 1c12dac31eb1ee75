package io.github.requestmirror.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.MirrorTraceContext;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MirrorSettingsParseTest {
  private static final String URI_TEXT = "http://secondary:9009";

  private static MirrorSettings parse(String... namesAndValues) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("target", URI_TEXT);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return MirrorSettings.parse(values);
  }

  private static MirrorTarget.Builder target() {
    return MirrorTarget.builder(URI.create(URI_TEXT));
  }

  private static String text(MirrorTarget.Builder target, MirrorPolicy.Builder policy) {
    return target.build() + " " + policy.build();
  }

  static Stream<Setting> settingsWithRange() {
    return MirrorSettings.all().stream().filter(setting -> setting.range() != null);
  }

  static Stream<Setting> settingsWithLiteralDefault() {
    return MirrorSettings.all().stream()
        .filter(
            setting ->
                setting.range() != null || List.of("true|false", "WHAT").contains(setting.form()));
  }

  @ParameterizedTest
  @MethodSource("settingsWithLiteralDefault")
  void describedDefaultIsThatOfTheBuilder(Setting setting) {
    assertThat(setting.defaultValue()).isNotNull();
    assertThat(parse(setting.name(), "" + setting.defaultValue())).hasToString(parse().toString());
  }

  @ParameterizedTest
  @MethodSource("settingsWithRange")
  void describedRangeIsThatOfTheBuilder(Setting setting) {
    String[] range = ("" + setting.range()).split(" to ", -1);
    // Neither limits the other.
    String other = setting.name().equals("bufferBytes") ? "maxBodyBytes" : "bufferBytes";
    String value = other.equals("bufferBytes") ? "64GiB" : "0";
    for (String inside : range) {
      parse(other, value, setting.name(), inside);
    }
    for (String outside : List.of(beyond(setting, range[0], -1), beyond(setting, range[1], 1))) {
      assertThatThrownBy(() -> parse(other, value, setting.name(), outside))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("'" + setting.name() + "' = '" + outside + "': must be ")
          .hasMessageEndingWith(" from " + setting.range());
    }
  }

  private static String beyond(Setting setting, String limit, int step) {
    return switch (setting.form()) {
      case "N" -> "" + (Integer.parseInt(limit) + step);
      case "SIZE" -> "" + (SettingText.size(limit) + step);
      case "TIME" -> SettingText.duration(limit).toMillis() + step + "ms";
      default -> "" + (Double.parseDouble(limit) + step * 0.001);
    };
  }

  @Test
  void limitsAreThoseOfTheTarget() {
    MirrorSettings settings =
        parse(
            "name", "second cluster",
            "maxInFlight", "8",
            "bufferBytes", "1GiB",
            "maxBodyBytes", " 8MiB ",
            "maxQueueTime", "1m",
            "connectTimeout", "500ms",
            "callTimeout", "15s",
            "maxRetries", "3",
            "maxResponseBytes", "1",
            "dnsRefreshInterval", "1h",
            "connectionTimeToLive", "2m",
            "drainTimeout", "0s",
            "markerHeader", "X-Copy");
    assertThat(settings)
        .hasToString(
            text(
                target()
                    .name("second cluster")
                    .maxInFlight(8)
                    .bufferBytes(1 << 30)
                    .maxBodyBytes(8 << 20)
                    .maxQueueTime(Duration.ofMinutes(1))
                    .connectTimeout(Duration.ofMillis(500))
                    .callTimeout(Duration.ofSeconds(15))
                    .maxRetries(3)
                    .maxResponseBytes(1)
                    .dnsRefreshInterval(Duration.ofHours(1))
                    .connectionTimeToLive(Duration.ofMinutes(2))
                    .drainTimeout(Duration.ZERO),
                Cortex.writes()));
  }

  @Test
  void criteriaAndEditsAreThoseOfThePolicy() {
    MirrorSettings settings =
        parse(
            "match", "custom",
            "methods", "POST, PUT",
            "path", "/a\n/b",
            "pathPrefix", "/c/",
            "header", "X-Kind: a, b\nX-Other: c",
            "deny", "POST /admin\n/internal/*",
            "fraction", "0.5",
            "sampleBy", "X-User",
            "order", "fifo",
            "readOnly", "/search /find",
            "scope", "X-User",
            "whenPrimaryResponds", "2,3",
            "forwardCredentials", "true",
            "traceContext", "unsampled",
            "setHeader", "X-Set: a: b",
            "addHeader", "X-Add: c",
            "removeHeader", "X-Secret, X-More",
            "host", "cluster.example:80",
            "keepContextPath", "true",
            "replacePathPrefix", "/api/prom /prometheus");
    MirrorPolicy.Builder policy =
        MirrorPolicy.builder()
            .methods("POST", "PUT")
            .path("/a")
            .path("/b")
            .pathPrefix("/c/")
            .header("X-Kind", "a, b")
            .header("X-Other", "c")
            .deny("POST", "/admin")
            .deny("*", "/internal/*")
            .fraction(0.5)
            .sampleBy(head -> head.header("X-User"))
            .order(MirrorOrder.FIFO)
            .readOnly("/search")
            .readOnly("/find")
            .scope(head -> head.header("X-User"))
            .whenPrimaryResponds(2, 3)
            .forwardCredentials(true)
            .traceContext(MirrorTraceContext.UNSAMPLED)
            .setHeader("X-Set", "a: b")
            .addHeader("X-Add", "c")
            .removeHeader("X-Secret")
            .removeHeader("X-More")
            .host("cluster.example:80")
            .keepContextPath()
            .rewritePath(path -> path);
    assertThat(settings).hasToString(text(target(), policy));
  }

  @Test
  void flagsAreThoseOfThePolicy() {
    assertThat(parse("match", "all", "keepHost", "true", "sampleRandomly", "true"))
        .hasToString(text(target(), Cortex.everything().keepHost().sampleRandomly()));
  }

  @Test
  void pathsAddToThoseOfWrites() {
    assertThat(parse("path", "/custom/push"))
        .hasToString(text(target(), Cortex.writes().path("/custom/push")));
  }

  @Test
  void severalUrisAreSeveralTargets() {
    MirrorSettings settings =
        MirrorSettings.parse(Map.of("target", "http://a:1\n http://a:1/base ", "maxRetries", "2"));
    assertThat(settings.targets())
        .extracting(MirrorTarget::name)
        .containsExactly("a:1", "a:1/base");
    assertThat(settings.targets()).extracting(MirrorTarget::maxRetries).containsExactly(2, 2);
  }

  @Test
  void settingOfOneTargetReplacesThatOfAll() {
    MirrorSettings settings =
        parse(
            "maxRetries", "3",
            "match", "all",
            "name", "first",
            "setHeader", "X-A: 1",
            "eu.west.target", "https://west.example",
            "eu.west.maxRetries", "0",
            "eu.west.setHeader", "X-B: 2",
            "archive.target", "https://archive.example",
            "archive.match", "writes");
    assertThat(settings.toString().lines())
        .containsExactly(
            text(target().name("first").maxRetries(3), Cortex.everything().setHeader("X-A", "1")),
            text(
                MirrorTarget.builder(URI.create("https://archive.example"))
                    .name("archive")
                    .maxRetries(3),
                Cortex.writes().setHeader("X-A", "1")),
            text(
                MirrorTarget.builder(URI.create("https://west.example")).name("eu.west"),
                Cortex.everything().setHeader("X-B", "2")));
  }

  @Test
  void targetsMayAllHaveNames() {
    MirrorSettings settings =
        MirrorSettings.parse(Map.of("a.target", "http://a", "b.target", "http://b"));
    assertThat(settings.targets()).extracting(MirrorTarget::name).containsExactly("a", "b");
  }

  @Test
  void credentialsOfOneTargetReplaceOtherOnesOfAll() {
    MirrorSettings settings =
        parse("bearerToken", "t", "b.target", "http://b", "b.basicAuth", "user:password");
    assertThat(settings.toString().lines()).allMatch(line -> line.contains("Authorization"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          targt | x | 'targt' is unknown, must be one of [addHeader,
          .target | http://a | '.target' is unknown
          b.targt | x | 'b.targt' is unknown
          b.maxRetries | 1 | 'b.target' is missing, must be a base URI
          b.target | "" | 'b.target' is missing, must be a base URI
          b.target | "http://a b" | 'b.target' = 'http://a b': Illegal character
          b.target | http://u:secret@b | 'b.target' = 'http://***@b':
          secondary:9009.target | http://secondary:9009 | 'secondary:9009.target' = 'http://secondary:9009': the name
          b.name | c | 'b.name' is not possible for one target
          b.markerHeader | X | 'b.markerHeader' is not possible for one target
          methods | "" | 'methods' = '': must have at least one element
          methods | "a b(" | 'methods' = 'a b(': methods 'b(' must be a token
          path | push | 'path' = 'push': path 'push' must start with '/'
          deny | POST | 'deny' = 'POST': deny 'POST' must start with '/'
          header | secret | 'header': must have the form 'NAME: VALUE'
          setHeader | "Host: secret" | 'setHeader': setHeader 'Host' is not possible
          addHeader | ": secret" | 'addHeader': must have the form 'NAME: VALUE'
          removeHeader | A:B | 'removeHeader' = 'A:B': removeHeader 'A:B' must be a token
          sampleBy | a b | 'sampleBy' = 'a b': must be the name of a header
          scope | "" | 'scope' = '': must be the name of a header
          order | strict | 'order' = 'strict': must be 'causal', 'fifo' or 'none'
          traceContext | DROP | 'traceContext' = 'DROP': must be 'drop', 'unsampled' or 'keep'
          match | some | 'match' = 'some': must be 'writes', 'all' or 'custom'
          keepHost | yes | 'keepHost' = 'yes': must be 'true' or 'false'
          host | a/b | 'host' = 'a/b': host 'a/b' must be a host name
          basicAuth | secret | 'basicAuth': must have the form USER:PASSWORD
          basicAuthFile | /does/not/exist | 'basicAuthFile' = '/does/not/exist': file /does/not/exist does not exist
          replacePathPrefix | /a | 'replacePathPrefix' = '/a': must be two paths
          replacePathPrefix | "/a b" | 'replacePathPrefix' = '/a b': replacePathPrefix 'b' must start
          caFile | /does/not/exist | 'caFile': file /does/not/exist does not exist
          certificateFile | /x | 'certificateFile' is set without 'privateKeyFile'
          privateKeyFile | /x | 'privateKeyFile' is set without 'certificateFile'
          bufferBytes | 1MiB | 'bufferBytes': maxBodyBytes 16777216 must not exceed bufferBytes 1048576
          maxBodyBytes | 1GiB | 'maxBodyBytes': maxBodyBytes 1073741824 must not exceed
          """)
  void messageNamesSettingValueAndWhatIsValid(String name, String value, String message) {
    assertThatThrownBy(() -> parse(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .satisfies(
            e ->
                assertThat(Stream.iterate(e, t -> t != null, Throwable::getCause))
                    .noneMatch(t -> ("" + t).contains("secret") && !message.contains("secret")));
  }

  @Test
  void messagesUseTheLabelsOfTheCaller() {
    assertThatThrownBy(
            () ->
                MirrorSettings.parse(
                    Map.of("target", URI_TEXT, "maxRetries", "x"), name -> "--" + name))
        .hasMessageStartingWith("--maxRetries = 'x': must be a whole number from 0 to 100");
  }

  @Test
  void nameIsNotPossibleForSeveralTargets() {
    assertThatThrownBy(
            () -> MirrorSettings.parse(Map.of("target", "http://a\nhttp://b", "name", "c")))
        .hasMessageStartingWith("'name' is not possible for several targets");
  }

  @Test
  void twoCredentialsContradictEachOther() {
    assertThatThrownBy(() -> parse("bearerToken", "a", "basicAuth", "b:c"))
        .hasMessage("'bearerToken' is not possible with 'basicAuth', must be without it");
  }

  @Test
  void missingTargetIsNamed() {
    assertThatThrownBy(() -> MirrorSettings.parse(new HashMap<>()))
        .hasMessageStartingWith("'target' is missing, must be a base URI");
  }

  @Test
  void emptyFileIsNoCredential(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("token"), " \n");
    assertThatThrownBy(() -> parse("bearerTokenFile", file.toString()))
        .hasMessageContaining("file " + file + " is empty");
  }

  /** Setters that take several arguments or functions have a setting of another form. */
  @Test
  void everySetterOfTheBuildersHasASetting() {
    Set<String> codeOnly = Set.of("when", "orderKeys", "rewritePath", "sslContext", "listener");
    Set<String> setters = new TreeSet<>();
    for (Class<?> builder :
        List.of(MirrorTarget.Builder.class, MirrorPolicy.Builder.class, Mirror.Builder.class)) {
      Stream.of(builder.getMethods())
          .filter(method -> method.getReturnType() == builder)
          .map(method -> method.getName())
          .filter(name -> !codeOnly.contains(name))
          .forEach(setters::add);
    }
    assertThat(MirrorSettings.all()).extracting(Setting::name).containsAll(setters);
  }
}
