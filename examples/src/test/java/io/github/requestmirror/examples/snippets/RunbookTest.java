package io.github.requestmirror.examples.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The runbook says for every kind of mirror how to look at it, switch it and set its fraction. */
class RunbookTest {
  private static String page(String name) throws IOException {
    return Files.readString(ReadmeTest.ROOT.resolve("docs").resolve(name));
  }

  private static List<MatchResult> find(String pattern, String page) throws IOException {
    return Pattern.compile(pattern, Pattern.MULTILINE).matcher(page(page)).results().toList();
  }

  @Test
  void everyRequestToTheEndpointOfSpringBootIsInTheRunbook() throws IOException {
    List<MatchResult> requests = find("^\\| (`[A-Z]+ /actuator/mirror\\S*.*?) \\|", "spring.md");
    assertThat(requests).hasSize(4);
    for (MatchResult request : requests) {
      assertThat(page("runbook.md")).contains(request.group(1));
    }
    assertThat(page("runbook.md"))
        .contains("-d '{\"enabled\": false}' http://127.0.0.1:8080/actuator/mirror\n")
        .contains("-d '{\"fraction\": 0.1}' http://127.0.0.1:8080/actuator/mirror/");
  }

  @Test
  void everyChangeAtTheAdminPortOfTheGatewayIsInTheRunbook() throws IOException {
    List<MatchResult> paths = find("^\\| `(/[^`]*)` \\| GET, PUT \\|", "monitoring.md");
    assertThat(paths).hasSize(2);
    for (MatchResult path : paths) {
      assertThat(page("runbook.md")).contains("`PUT " + path.group(1) + "`");
    }
    assertThat(page("runbook.md")).contains("`GET /stats`");
  }

  @Test
  void everyWayInCodeAndOverJmxIsInTheRunbookAndExists() throws Exception {
    assertThat(page("runbook.md"))
        .contains("`Mirror.stats()`", "`Mirror.enabled(false)`")
        .contains("`Mirror.fraction(target, fraction)`")
        .contains("`Targets`", "`Enabled`", "`setFraction(target, fraction)`");
    assertThat(Mirror.class.getMethod("stats")).isNotNull();
    assertThat(Mirror.class.getMethod("enabled", boolean.class)).isNotNull();
    assertThat(Mirror.class.getMethod("fraction", String.class, double.class)).isNotNull();
  }
}
