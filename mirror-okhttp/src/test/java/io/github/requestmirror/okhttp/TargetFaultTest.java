package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the target does, callers get the same responses, and get them at once. */
class TargetFaultTest extends InterceptorFixture {
  private static final int CALLS = 20;

  enum Fault {
    REFUSES {
      @Override
      void cause(TestTarget target) {
        target.refuse();
      }
    },
    HANGS {
      @Override
      void cause(TestTarget target) {
        target.behave(target.hang());
      }
    },
    READS_NOTHING {
      @Override
      void cause(TestTarget target) {
        target.readNothing();
      }
    },
    RESETS {
      @Override
      void cause(TestTarget target) {
        target.behave(TestTarget.reset());
      }
    },
    RESPONDS_500 {
      @Override
      void cause(TestTarget target) {
        target.behave(TestTarget.status(500));
      }
    },
    RESPONSES_WITHOUT_END {
      @Override
      void cause(TestTarget target) {
        target.behave(target.endless());
      }
    };

    abstract void cause(TestTarget target);
  }

  @ParameterizedTest
  @EnumSource
  void callersCannotTell(Fault fault) {
    mirror(
        limits -> limits.callTimeout(Duration.ofSeconds(2)).maxQueueTime(Duration.ofSeconds(1)),
        policy -> policy);
    fault.cause(target);
    byte[] body = bytes(20_000);
    try (TestTarget primary = WELL.get()) {
      OkHttpClient client = mirrored();
      Observed expected = Observed.of(client(builder -> builder), post(url(primary), body));
      List<Duration> took = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        long start = System.nanoTime();
        Observed seen = Observed.of(client, post(url(primary), body));
        assertThat(seen.response()).isEqualTo(expected.response());
        took.add(Duration.ofNanos(System.nanoTime() - start));
      }
      // The target takes two seconds where it takes its time; one of many may suffer a pause.
      Collections.sort(took);
      assertThat(took.get(CALLS / 2)).isLessThan(Duration.ofSeconds(1));
      assertThat(primary.connectionsAccepted()).as("with one for the other client").isEqualTo(2);
    }
    Conservation.awaitSettled(mirror());
    assertThat(stats().offered()).isEqualTo(CALLS);
  }

  @Test
  void closedMirrorIsNoMatterToCallers() {
    OkHttpClient client = mirrored();
    mirror().close();
    try (TestTarget primary = WELL.get()) {
      assertThat(Observed.of(client, post(url(primary), bytes(100))).response())
          .contains("code=200");
    }
    assertOutcomes(Outcome.CLOSED);
  }
}
