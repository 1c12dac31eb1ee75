package io.github.requestmirror.spring.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.settings.MirrorSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

/** How properties become settings. */
class MirrorPropertiesTest {
  private final StandardEnvironment environment = new StandardEnvironment();

  MirrorPropertiesTest() {
    environment
        .getPropertySources()
        .forEach(source -> environment.getPropertySources().remove(source.getName()));
  }

  /** Adds a source that the earlier ones override. */
  private MirrorPropertiesTest file(String... properties) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String property : properties) {
      int equals = property.indexOf('=');
      values.put(property.substring(0, equals), property.substring(equals + 1));
    }
    String name = "file " + environment.getPropertySources().size();
    environment.getPropertySources().addLast(new MapPropertySource(name, values));
    return this;
  }

  private MirrorPropertiesTest variable(String name, String value) {
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of(name, value)));
    return this;
  }

  private MirrorProperties properties() {
    return MirrorProperties.of(environment);
  }

  private MirrorSettings settings() {
    MirrorProperties properties = properties();
    properties.requireValid();
    return properties.settings();
  }

  private MirrorTarget only() {
    List<MirrorTarget> targets = settings().targets();
    assertThat(targets).hasSize(1);
    return targets.get(0);
  }

  private MirrorTarget target(String name) {
    return settings().targets().stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String policy() {
    MirrorSettings settings = settings();
    return settings.policy(settings.targets().get(0)).toString();
  }

  private InvalidMirrorPropertyException failure() {
    return Assertions.catchThrowableOfType(InvalidMirrorPropertyException.class, this::settings);
  }

  @Test
  void oneProperty_isATargetForWrites() {
    file("requestmirror.targets.secondary.url=http://cortex-2:9009");
    assertThat(only().name()).isEqualTo("secondary");
    assertThat(only().uri()).hasToString("http://cortex-2:9009");
    assertThat(policy()).contains("/api/v1/push");
    assertThat(properties().enabled()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "10MB, 10485760",
    "512KB, 524288",
    "1GB, 1073741824",
    "65536, 65536",
    "65536B, 65536",
  })
  void sizesAreThoseOfSpringBoot(String size, long bytes) {
    file("requestmirror.targets.a.url=http://h", "requestmirror.targets.a.buffer-bytes=" + size)
        .file("requestmirror.max-body-bytes=1KB");
    assertThat(only().bufferBytes()).isEqualTo(bytes);
    assertThat(only().maxBodyBytes()).isEqualTo(1024);
  }

  @ParameterizedTest
  @CsvSource({"5s, 5000", "PT5S, 5000", "1500ms, 1500", "1500, 1500", "2m, 120000", "1d, 86400000"})
  void durationsAreThoseOfSpringBoot(String duration, long millis) {
    file(
        "requestmirror.targets.a.url=http://h",
        "requestmirror.targets.a.call-timeout=" + duration,
        "requestmirror.targets.a.drain-timeout=0s");
    assertThat(only().callTimeout()).isEqualTo(Duration.ofMillis(millis));
    assertThat(only().drainTimeout()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"max-retries", "maxRetries", "max_retries", "MAX-RETRIES"})
  void namesAreRelaxed(String name) {
    file("requestmirror.targets.a.url=http://h", "requestmirror.targets.a." + name + "=3");
    assertThat(only().maxRetries()).isEqualTo(3);
  }

  @Test
  void propertyOfATarget_replacesTheOneForAll() {
    file(
        "requestmirror.max-retries=3",
        "requestmirror.targets.a.url=http://a",
        "requestmirror.targets.b.url=http://b",
        "requestmirror.targets.b.max-retries=0");
    assertThat(target("a").maxRetries()).isEqualTo(3);
    assertThat(target("b").maxRetries()).isZero();
  }

  @Test
  void profileOverridesOnePropertyOfOneTarget() {
    file("requestmirror.targets.a.url=http://production")
        .file("requestmirror.targets.a.url=http://test", "requestmirror.targets.a.max-retries=3");
    assertThat(only().uri()).hasToString("http://production");
    assertThat(only().maxRetries()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"cortex-2, CORTEX2", "Cortex-2, CORTEX2", "secondary, SECONDARY"})
  void environmentOverridesATarget_andMakesNoSecondOne(String target, String variable) {
    file("requestmirror.targets." + target + ".url=http://test")
        .variable("REQUESTMIRROR_TARGETS_" + variable + "_URL", "http://production");
    assertThat(only().uri()).hasToString("http://production");
    assertThat(only().name()).isEqualTo(target);
  }

  @Test
  void environmentIsEnough() {
    variable("REQUESTMIRROR_TARGETS_SECONDARY_URL", "http://h");
    assertThat(only().name()).isEqualTo("secondary");
  }

  @Test
  void variablesOfAKubernetesServiceAreIgnored() {
    file("requestmirror.targets.a.url=http://h")
        .variable("REQUESTMIRROR_SERVICE_HOST", "10.0.0.1")
        .variable("REQUESTMIRROR_URL", "tcp://10.0.0.1:80");
    assertThat(only().name()).isEqualTo("a");
  }

  @Test
  void nameOfATargetMayHaveDots() {
    file(
        "requestmirror.targets[eu.west].url=http://h",
        "requestmirror.targets[eu.west].max-retries=2");
    assertThat(only().name()).isEqualTo("eu.west");
    assertThat(only().maxRetries()).isEqualTo(2);
  }

  @Test
  void listsAreTextOrElements() {
    file(
        "requestmirror.targets.a.url=http://h",
        "requestmirror.targets.a.match=custom",
        "requestmirror.targets.a.path=/one,/two",
        "requestmirror.targets.a.methods[0]=PUT",
        "requestmirror.targets.a.methods[1]=POST");
    assertThat(policy()).contains("/one", "/two", "PUT", "POST");
  }

  @Test
  void headerMayContainACommaAndASecret() {
    file(
        "requestmirror.targets.a.url=http://h",
        "requestmirror.targets.a.set-header=Via: a, X-B: b",
        "requestmirror.targets.a.bearer-token=secret");
    assertThat(policy()).contains("Via").doesNotContain("X-B").doesNotContain("secret");
  }

  @Test
  void enabledAndOrderAndClientsAreRead() {
    file(
        "requestmirror.enabled=false",
        "requestmirror.filter-order=50",
        "requestmirror.clients=one,two");
    assertThat(properties().enabled()).isFalse();
    assertThat(properties().filterOrder(0)).isEqualTo(50);
    assertThat(properties().clients()).containsExactly("one", "two");
  }

  @Test
  void valueOutOfRange_isNamedWithItsPropertyAndOrigin() {
    file("requestmirror.targets.a.url=http://h", "requestmirror.targets.a.max-retries=101");
    assertThat(failure())
        .hasMessage(
            "requestmirror.targets.a.max-retries = '101': must be a whole number from 0 to 100");
    FailureAnalysis analysis =
        Objects.requireNonNull(new InvalidMirrorPropertyFailureAnalyzer().analyze(failure()));
    assertThat(analysis.getDescription())
        .contains("max-retries = '101'", "requestmirror.targets.a.max-retries, from");
  }

  @Test
  void valueForAllTargetsOutOfRange_isNamedWithItsProperty() {
    file("requestmirror.targets.a.url=http://h", "requestmirror.buffer-bytes=1KB");
    assertThat(failure())
        .hasMessageStartingWith("requestmirror.buffer-bytes = '1024': must be a size")
        .hasMessageEndingWith("from 64KiB to 64GiB");
  }

  @ParameterizedTest
  @CsvSource({
    "max-retries, many",
    "buffer-bytes, large",
    "call-timeout, soon",
    "keep-host, perhaps",
    "fraction, half"
  })
  void valueOfTheWrongType_isNamedBySpringBoot(String property, String value) {
    file(
        "requestmirror.targets.a.url=http://h",
        "requestmirror.targets.a." + property + "=" + value);
    assertThat(Assertions.catchThrowableOfType(BindException.class, this::settings))
        .satisfies(e -> assertThat(e.getName()).hasToString("requestmirror.targets.a." + property))
        .satisfies(
            e -> assertThat(Objects.requireNonNull(e.getProperty()).getValue()).isEqualTo(value));
  }

  @ParameterizedTest
  @CsvSource({
    "requestmirror.targets.a.max-retrys",
    "requestmirror.targets.a.target",
    "requestmirror.targets.a.name",
    "requestmirror.targets.a.marker-header",
    "requestmirror.targets.a.max-retries.more",
    "requestmirror.targets.a",
    "requestmirror.target.a.url",
    "requestmirror.url",
    "requestmirror.name"
  })
  void unknownProperty_isNamedWithoutItsValue(String property) {
    file("requestmirror.targets.b.url=http://h", property + "=value");
    assertThat(failure()).hasMessage("unknown: " + property);
    assertThat(failure().origins()).singleElement().asString().startsWith(property + ", from");
  }

  @Test
  void targetWithoutUrl_isNamed() {
    file("requestmirror.targets.a.max-retries=3");
    assertThat(failure()).hasMessageStartingWith("requestmirror.targets.a.url is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"requestmirror.targets.a=", "requestmirror.targets.a.url="})
  void emptyTarget_hasNoUrl(String property) {
    file("requestmirror.targets.b.url=http://h", property);
    assertThat(failure()).hasMessageStartingWith("requestmirror.targets.a.url is missing");
  }

  @Test
  void yamlOfTheDocumentation_isValid(@TempDir Path directory) throws IOException {
    Path token = Files.writeString(directory.resolve("token"), "secret");
    Path root = Path.of("..");
    Path page = root.resolve(Files.exists(root.resolve("docs")) ? "docs" : "../docs");
    Matcher yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(page.resolve("spring.md")));
    assertThat(yaml.find()).isTrue();
    String text = yaml.group(1).replace("/run/secrets/token", token.toString());
    Resource file = new ByteArrayResource(text.getBytes(UTF_8));
    new YamlPropertySourceLoader()
        .load("application.yaml", file)
        .forEach(environment.getPropertySources()::addLast);
    assertThat(target("secondary").uri()).hasToString("http://cortex-2:9009");
    assertThat(target("archive").uri()).hasToString("https://archive.example");
    assertThat(target("archive").bufferBytes()).isEqualTo(256L << 20);
  }

  @Test
  void targetWithoutPropertiesInYaml_hasNoUrl() throws IOException {
    Resource file = new ByteArrayResource("requestmirror:\n  targets:\n    a:\n".getBytes(UTF_8));
    new YamlPropertySourceLoader()
        .load("application.yaml", file)
        .forEach(environment.getPropertySources()::addLast);
    assertThat(failure()).hasMessageStartingWith("requestmirror.targets.a.url is missing");
  }

  @Test
  void targetThatIsEmptyInOneFile_hasThePropertiesOfTheOther() {
    file("requestmirror.targets.a=").file("requestmirror.targets.a.url=http://${host}", "host=h");
    assertThat(only().uri()).hasToString("http://h");
  }

  @Test
  void emptyTargets_areNone() {
    file("requestmirror.targets=", "requestmirror.max-retries=3");
    properties().requireValid();
    assertThat(properties().targets()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "51"})
  void lossesByScopeOutOfRange_areNamed_alsoWithoutATarget(String scopes) {
    file("requestmirror.losses-by-scope=" + scopes);
    assertThat(
            Assertions.catchThrowableOfType(
                InvalidMirrorPropertyException.class, () -> properties().requireValid()))
        .hasMessage(
            "requestmirror.losses-by-scope = '" + scopes + "': must be a whole number from 0 to 50")
        .satisfies(e -> assertThat(e.origins()).hasSize(1));
  }

  @Test
  void secretOfAWrongHeader_isNotShown() {
    file("requestmirror.targets.a.url=http://h", "requestmirror.targets.a.set-header=secret");
    assertThat(failure())
        .hasMessage("requestmirror.targets.a.set-header: must have the form 'NAME: VALUE'");
  }
}
