package io.github.requestmirror.gateway.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.requestmirror.gateway.Gateway;
import io.github.requestmirror.gateway.GatewayOptions;
import io.github.requestmirror.testing.Conservation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published alerts and the dashboard are valid, and fit the metrics of the gateway. */
class MonitoringFilesTest {
  private static final Path DIR = Path.of("../docs/monitoring");
  private static final Path ALERTS = DIR.resolve("alerts.yml");
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final List<String> CASES = List.of("alerts-test.yml", "alerts-test-day.yml");
  private static final Pattern ALERT =
      Pattern.compile("^      - alert: (\\w+)$", Pattern.MULTILINE);
  private static final Pattern METRIC = Pattern.compile("\\b(?:http|jvm)_[a-z_]+");
  private static final Pattern MATCHER = Pattern.compile("\\b([a-z_]+)(?:=~|!~|!=|=)\"([^\"$]*)\"");

  @TempDir Path temp;
  private static String scrape;

  @BeforeAll
  static void scrapeAGateway() {
    try (Gateway gateway =
        Gateway.start(
            GatewayOptions.parse(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                "--losses-by-scope=1",
                "--primary=http://127.0.0.1:1",
                "--target=http://127.0.0.1:2"))) {
      scrape = Program.get(URI.create("http://127.0.0.1:" + gateway.adminPort() + "/metrics"));
    }
    assertThat(scrape).isNotEmpty();
  }

  @AfterAll
  static void awaitNoThreads() {
    Conservation.awaitNoThreads();
  }

  private void assertSucceeds(String... command) throws Exception {
    Prometheus.require("promtool");
    Path output = temp.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(temp.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("promtool ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  private static List<String> dashboardQueries() throws IOException {
    List<String> queries = new ArrayList<>();
    JsonNode dashboard = new ObjectMapper().readTree(DIR.resolve("dashboard.json").toFile());
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(target.path("expr").asText());
      }
    }
    assertThat(queries).hasSizeGreaterThan(20);
    return queries;
  }

  /** Returns the expressions of all alerts as one text. */
  private static String alertQueries() throws IOException {
    return Pattern.compile("^ +expr: (.*?)^ +for:", Pattern.MULTILINE | Pattern.DOTALL)
        .matcher(Files.readString(ALERTS))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.joining("\n"));
  }

  private static Set<String> alerts() throws IOException {
    return ALERT
        .matcher(Files.readString(ALERTS))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void alertsAreValid() throws Exception {
    assertSucceeds("promtool", "check", "rules", ALERTS.toAbsolutePath().toString());
  }

  @Test
  void queriesOfTheDashboardAreValid() throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
    int number = 0;
    for (String query : dashboardQueries()) {
      String resolved = query.replace("$__rate_interval", "5m").replaceAll("\\$(job|target)", ".*");
      assertThat(resolved).doesNotContain("$");
      rules
          .append("      - record: dashboard:query:")
          .append(++number)
          .append("\n        expr: ")
          .append(new ObjectMapper().writeValueAsString(resolved))
          .append('\n');
    }
    Files.writeString(temp.resolve("dashboard.yml"), rules);
    assertSucceeds("promtool", "check", "rules", "dashboard.yml");
  }

  @Test
  void eachAlertFiresWhenItShould() throws Exception {
    Files.copy(ALERTS, temp.resolve("alerts.yml"));
    for (String cases : CASES) {
      Files.copy(RESOURCES.resolve(cases), temp.resolve(cases));
      assertSucceeds("promtool", "test", "rules", cases);
    }
  }

  @Test
  void eachAlertHasACaseInWhichItFiresAndOneInWhichItIsSilent() throws Exception {
    String tests = "";
    for (String cases : CASES) {
      tests += Files.readString(RESOURCES.resolve(cases));
    }
    assertThat(alerts()).hasSize(8);
    for (String alert : alerts()) {
      assertThat(tests)
          .as(alert)
          .containsPattern("alertname: " + alert + "\n.*\n        exp_alerts:\n")
          .containsPattern("alertname: " + alert + "\n.*\n        exp_alerts: \\[]\n");
    }
  }

  @Test
  void sharesOfAlertsAreThoseOfTheDashboard() throws Exception {
    String queries = String.join("\n", dashboardQueries());
    for (String alert : List.of("MirrorLosing", "MirrorSkippingBodies", "MirrorDiverging")) {
      String rule = Files.readString(ALERTS).split("- alert: " + alert + "\n", 2)[1];
      List<String> matchers =
          MATCHER.matcher(rule.split("labels:", 2)[0]).results().map(MatchResult::group).toList();
      assertThat(matchers)
          .as(alert)
          .hasSizeGreaterThan(1)
          .allSatisfy(matcher -> assertThat(queries).contains(matcher));
    }
  }

  @Test
  void everyMetricOfAQueryIsInAScrape() throws Exception {
    Set<String> names = new TreeSet<>();
    scrape.lines().forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    for (String text : queries()) {
      assertThat(METRIC.matcher(text).results().map(MatchResult::group).toList())
          .as(text)
          .isNotEmpty()
          .allSatisfy(metric -> assertThat(names).contains(metric));
    }
  }

  @Test
  void everyLabelValueOfAQueryIsInAScrape() throws Exception {
    for (String text : queries()) {
      for (MatchResult matcher : MATCHER.matcher(text).results().toList()) {
        for (String value : matcher.group(2).split("\\|", -1)) {
          assertThat(scrape).contains(matcher.group(1) + "=\"" + value + "\"");
        }
      }
    }
  }

  private static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>(dashboardQueries());
    queries.add(alertQueries());
    return queries;
  }

  @Test
  void everyMetricOfTheMirrorIsOnTheDashboard() throws Exception {
    String queries = String.join("\n", dashboardQueries());
    Set<String> families =
        Pattern.compile("^# TYPE (http_mirror_\\S+) ", Pattern.MULTILINE)
            .matcher(scrape)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(families).hasSizeGreaterThan(15);
    assertThat(families).allSatisfy(family -> assertThat(queries).contains(family));
  }
}
