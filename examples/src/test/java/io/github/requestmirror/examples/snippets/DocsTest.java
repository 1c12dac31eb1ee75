package io.github.requestmirror.examples.snippets;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.gateway.Gateway;
import io.github.requestmirror.gateway.GatewayOptions;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import io.github.requestmirror.testing.Conservation;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages describe every setting, outcome and metric that there is; code and links work. */
class DocsTest {
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
  private static final URI ANY_URI = URI.create("http://127.0.0.1:1");

  private static String page(String name) throws IOException {
    return Files.readString(ReadmeTest.ROOT.resolve("docs").resolve(name));
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ReadmeTest.ROOT);
        Stream<Path> docs = Files.walk(ReadmeTest.ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(page -> page.toString().endsWith(".md")).toList();
    }
  }

  /** Returns the first cells of all rows of tables, each with its row. */
  private static List<MatchResult> rows(String page) {
    return Pattern.compile("^\\| ([^|]*) \\|.*$", Pattern.MULTILINE)
        .matcher(page)
        .results()
        .toList();
  }

  /** Returns the row that describes a name, or fails. */
  private static String row(String page, String name) {
    List<String> rows =
        rows(page).stream()
            .filter(row -> row.group(1).contains("`" + name + "`"))
            .map(MatchResult::group)
            .toList();
    assertThat(rows).as("rows for %s", name).hasSize(1);
    return rows.get(0);
  }

  @ParameterizedTest
  @EnumSource(Outcome.class)
  void everyOutcomeHasALineInTheRunbook(Outcome outcome) throws IOException {
    String row = row(page("runbook.md"), outcome.name());
    assertThat(row).contains("| " + outcome.kind().name().toLowerCase(Locale.ROOT) + " |");
    assertThat(row.split("\\|", -1)).as("meaning, what to look at, what to do").hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {MirrorTarget.Builder.class, MirrorPolicy.Builder.class, Mirror.Builder.class})
  void everySettingIsDescribedInTheSectionOfItsBuilder(Class<?> builder) throws IOException {
    String configuration = page("configuration.md");
    String type = builder.getEnclosingClass().getSimpleName() + "." + builder.getSimpleName();
    Matcher section =
        Pattern.compile(
                "^## [^\n]*`" + type + "`\n(.*?)(?=^## )", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(configuration);
    assertThat(section.find()).as("section of %s", type).isTrue();
    Set<String> settings = new TreeSet<>();
    for (Method method : builder.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && method.getReturnType() == builder) {
        settings.add(method.getName());
      }
    }
    assertThat(settings).isNotEmpty();
    for (String setting : settings) {
      row(section.group(1), setting);
    }
  }

  static Stream<Setting> settings() {
    return MirrorSettings.all().stream();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void everySettingIsDescribedWithItsDefaultAndRange(Setting setting) throws IOException {
    String page = page("configuration.md");
    if (setting.name().equals("match")) {
      // In the text of the presets.
      assertThat(page).contains("the setting `match`: `writes` (default)");
      return;
    }
    String row = row(page, setting.name());
    if (setting.name().equals("fraction")) {
      assertThat(row).startsWith("| `fraction` | 1 |").contains(" 0 to 1,");
    } else if (setting.range() != null) {
      assertThat(row)
          .startsWith(
              "| `" + setting.name() + "` | " + setting.defaultValue() + " | " + setting.range());
    }
  }

  @Test
  void everyOptionOfTheGatewayIsDescribedWithItsDefaultAndRange() throws IOException {
    String page = page("configuration.md");
    for (Setting setting : GatewayOptions.own()) {
      String none = setting.name().equals("primary") ? "required" : "none";
      String byDefault = setting.defaultValue() == null ? none : setting.defaultValue();
      String range = setting.range() == null ? "" : setting.range() + " ";
      assertThat(row(page, option(setting.name())))
          .startsWith("| `" + option(setting.name()) + "` | " + byDefault + " | " + range + "|");
    }
  }

  private static String option(String setting) {
    return "--" + setting.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  @Test
  void everyOptionThatIsDescribedExists() throws IOException {
    Set<String> known = new TreeSet<>(Set.of("--set", "--mirror", "--help", "--version"));
    Stream.concat(settings(), GatewayOptions.own().stream())
        .forEach(setting -> known.add(option(setting.name())));
    for (Path page : pages()) {
      if (page.endsWith("CHANGELOG.md")) {
        // Names earlier options, too.
        continue;
      }
      Pattern.compile("`(--[a-z-]+)[= `]")
          .matcher(Files.readString(page))
          .results()
          .filter(option -> !option.group(1).startsWith("--add-"))
          .forEach(option -> assertThat(known).as("%s", page).contains(option.group(1)));
    }
  }

  private static GatewayOptions minimal(String... more) {
    return GatewayOptions.parse(
        Stream.concat(
                Stream.of(
                    "--primary=http://cortex-primary:80", "--target=http://cortex-secondary:80"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** Returns the arguments of the command for the gateway on the page about Envoy. */
  private static String[] migratedCommand() throws IOException {
    Matcher command =
        Pattern.compile(
                "<!-- command: gateway -->\n```sh\njava -jar mirror-gateway.jar (.*?)\n```",
                Pattern.DOTALL)
            .matcher(page("migrating-from-envoy.md"));
    assertThat(command.find()).isTrue();
    return command.group(1).replace("\\\n", " ").strip().split("\\s+", -1);
  }

  @Test
  void commandOfTheMigrationIsWhatTheGatewayDoesByDefaultAndWhatEnvoyDoes() throws IOException {
    GatewayOptions migrated = GatewayOptions.parse(migratedCommand());
    GatewayOptions expected =
        minimal(
            "--match=all",
            "--keep-host=true",
            "--forward-credentials=true",
            "--trace-context=keep");
    assertThat(migrated)
        .usingRecursiveComparison()
        .ignoringFields("mirror") // has functions, and a text that says everything
        .isEqualTo(expected);
    assertThat(migrated)
        .extracting("mirror", as(InstanceOfAssertFactories.type(MirrorSettings.class)))
        .extracting(MirrorSettings::toString)
        .isEqualTo(
            MirrorSettings.parse(
                    Map.of(
                        "target", "http://cortex-secondary:80",
                        "match", "all",
                        "keepHost", "true",
                        "forwardCredentials", "true",
                        "traceContext", "keep"))
                .toString());
  }

  @Test
  void everyOptionOfTheMigrationIsAccepted() throws IOException {
    List<String> options =
        Pattern.compile("`(--[a-z-]+=[^` ]+)`")
            .matcher(page("migrating-from-envoy.md"))
            .results()
            .map(option -> option.group(1))
            .filter(option -> !option.startsWith("--primary=") && !option.startsWith("--target="))
            .toList();
    assertThat(options).hasSizeGreaterThan(15);
    for (String option : options) {
      assertThat(minimal(option)).as(option).isNotNull();
    }
  }

  /** Its keys; those that only group others are left out. */
  @Test
  void everyLineOfTheConfigurationOfEnvoyIsMigrated() throws IOException {
    String cells =
        rows(page("migrating-from-envoy.md")).stream()
            .map(row -> row.group(1))
            .collect(Collectors.joining("\n"));
    assertThat(cells)
        .contains(
            "admin.access_log_path",
            "admin.address",
            "listeners.name",
            "listeners.address",
            "http_connection_manager",
            "stat_prefix",
            "virtual_hosts.domains",
            "match: { prefix: \"/\" }",
            "route.cluster",
            "route.timeout: 15s",
            "request_mirror_policies.cluster",
            "envoy.router",
            "clusters.name",
            "clusters.type: STRICT_DNS",
            "hosts",
            "`connect_timeout: 1s` of the primary",
            "`connect_timeout: 1s` of the secondary",
            "`dns_refresh_rate: 5s` of the primary",
            "`dns_refresh_rate: 5s` of the secondary");
  }

  @Test
  void everyMeterOfTheBinderIsDescribedWithItsTags() throws IOException {
    String monitoring = page("monitoring.md");
    try (Mirror mirror = Mirror.start(MirrorTarget.of(ANY_URI), Cortex.writes().build())) {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      new MirrorMetrics(mirror).lossesByScope(1).bindTo(registry);
      assertThat(registry.getMeters()).isNotEmpty();
      for (Meter meter : registry.getMeters()) {
        String row = row(monitoring, meter.getId().getName());
        meter.getId().getTags().forEach(tag -> assertThat(row).contains("`" + tag.getKey() + "`"));
      }
    }
    Conservation.awaitNoThreads();
  }

  @Test
  void everyMetricOfTheGatewayIsDescribed() throws IOException {
    String monitoring = page("monitoring.md");
    Set<String> families;
    try (Gateway gateway =
            Gateway.start(
                GatewayOptions.parse(
                    "--bind=127.0.0.1",
                    "--listen=0",
                    "--admin=0",
                    "--losses-by-scope=1",
                    "--primary=" + ANY_URI,
                    "--target=http://127.0.0.1:2"));
        InputStream metrics =
            URI.create("http://127.0.0.1:" + gateway.adminPort() + "/metrics")
                .toURL()
                .openStream()) {
      String text = new String(metrics.readAllBytes(), StandardCharsets.UTF_8);
      families =
          Pattern.compile("^# TYPE (\\S+) ", Pattern.MULTILINE)
              .matcher(text)
              .results()
              .map(family -> family.group(1))
              .filter(family -> !family.startsWith("jvm_"))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertThat(families).contains("http_mirror_requests_total");
    for (String family : families) {
      assertThat(monitoring).contains("`" + family + "`");
    }
  }

  @Test
  void everyAlertIsDescribed_andLeadsToItsSectionOfTheRunbook() throws IOException {
    String alerts = page("monitoring/alerts.yml");
    List<String> names =
        Pattern.compile("- alert: (\\S+)")
            .matcher(alerts)
            .results()
            .map(alert -> alert.group(1))
            .toList();
    assertThat(names).isNotEmpty();
    for (String name : names) {
      row(page("monitoring.md"), name);
      String anchor = name.toLowerCase(Locale.ROOT);
      assertThat(alerts).contains("/docs/runbook.md#" + anchor + "\n");
      assertThat(anchors(ReadmeTest.ROOT.resolve("docs/runbook.md"))).contains(anchor);
    }
  }

  @Test
  void everyBlockOfJavaIsCodeThatCompiles() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.list(ReadmeTest.SNIPPETS)) {
      for (Path file : files.toList()) {
        sources.add(ReadmeTest.flat(Files.readString(file)));
      }
    }
    for (Path page : pages()) {
      Matcher code =
          Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
      while (code.find()) {
        String shown = ReadmeTest.flat(code.group(1));
        assertThat(sources).as("code in %s", page).anyMatch(source -> source.contains(shown));
      }
    }
  }

  @Test
  void everyLinkLeadsToAFileAndHeading() throws IOException {
    List<Path> pages = pages();
    assertThat(pages).hasSizeGreaterThan(10);
    for (Path page : pages) {
      for (Matcher link = LINK.matcher(Files.readString(page)); link.find(); ) {
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        assertThat(target).as("link in %s", page).exists();
        if (link.group(2) != null) {
          assertThat(anchors(target)).as("link in %s", page).contains(link.group(2));
        }
      }
    }
  }

  /** The anchors that GitHub makes of the headings of a page. */
  private static List<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .toList();
  }
}
