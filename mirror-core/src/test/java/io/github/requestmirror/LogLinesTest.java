package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator reads: which lines, by which logger, on which thread. */
class LogLinesTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start() {
    return conservation.watch(
        Mirror.start(
            MirrorTarget.builder(server.uri()).name("secondary").build(),
            MirrorPolicy.builder().pathPrefix("/api").build()));
  }

  private List<ILoggingEvent> warnings() {
    return log.events().stream().filter(event -> event.getLevel() == Level.WARN).toList();
  }

  @Test
  void policyThatMatchesNothingIsLoggedOnTheReportersThread() {
    Mirror mirror = start();
    for (int i = 0; i < 1000; i++) {
      Wire.get(mirror, "/other");
    }
    await().until(() -> !warnings().isEmpty());
    assertThat(warnings())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getFormattedMessage())
                  .contains("mirror secondary: its policy matched none of the first 1000 requests");
              assertThat(event.getLoggerName()).isEqualTo("io.github.requestmirror.Mirror");
              assertThat(event.getThreadName()).isEqualTo("mirror-secondary-reports");
            });
  }

  @Test
  void lossIsLoggedWithPathContentTypeAndReason() {
    server.behave(TestTarget.respond(400, "out of order"));
    Mirror mirror = start();
    Wire.post(
        mirror, "/api/push?token=hush", new byte[5], "Content-Type", "text/x", "X-Key", "hush");
    await().until(() -> !warnings().isEmpty());
    assertThat(warnings())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getFormattedMessage())
                  .contains("1 REJECTED; last: REJECTED of /api/push (text/x): ", "out of order")
                  .doesNotContain("hush");
              assertThat(event.getLoggerName()).isEqualTo("io.github.requestmirror.Mirror");
              assertThat(event.getThreadName()).isEqualTo("mirror-secondary-reports");
            });
  }

  @Test
  void everyLineHasTheSameLogger() {
    Mirror mirror = start();
    server.refuse();
    Wire.get(mirror, "/api/a");
    await().until(() -> !warnings().isEmpty());
    mirror.enabled(false);
    mirror.close();
    assertThat(log.events())
        .filteredOn(event -> event.getLoggerName().startsWith("io.github.requestmirror"))
        .hasSizeGreaterThan(3)
        .allMatch(event -> event.getLoggerName().equals("io.github.requestmirror.Mirror"));
  }
}
