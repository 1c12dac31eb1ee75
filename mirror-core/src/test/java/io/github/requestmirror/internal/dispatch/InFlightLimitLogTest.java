package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.requestmirror.internal.accounting.GuardedLog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class InFlightLimitLogTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Logger logger = (Logger) LoggerFactory.getLogger(InFlightLimitLogTest.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final InFlightLimitLog limit =
      new InFlightLimitLog("far", 4, new GuardedLog(InFlightLimitLogTest.class));

  @BeforeEach
  void capture() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void release() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
  }

  /** Observes the limit for some seconds, with some responses in each. */
  private void limited(int from, int to, int responses) {
    for (int second = from; second <= to; second++) {
      limit.observe(4, 7, second * SECOND);
      for (int i = 0; i < responses; i++) {
        limit.onResponse();
      }
    }
  }

  @Test
  void saysHowManyResponsesTheTargetGives() {
    limited(0, 10, 40);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            "mirror far: maxInFlight is the limit: for 10 s, 4 copies have been in flight and"
                + " others have waited, now 7; the target responds to 40 a second, after 100 ms"
                + " each");
  }

  @Test
  void saysItOnceInFiveMinutes() {
    limited(0, 309, 40);
    assertThat(lines.list).hasSize(1);
    limited(310, 311, 40);
    assertThat(lines.list).hasSize(2);
  }

  @Test
  void saysNothingWithoutResponses() {
    limited(0, 60, 0);
    assertThat(lines.list).isEmpty();
  }

  @Test
  void saysNothingIfPlacesBecomeFreeInBetween() {
    limited(0, 9, 40);
    limit.observe(3, 7, 9 * SECOND);
    limited(10, 19, 40);
    limit.observe(4, 0, 19 * SECOND);
    limited(20, 29, 40);
    assertThat(lines.list).isEmpty();
  }
}
