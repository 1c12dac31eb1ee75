package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.ThrowingLogger;
import io.github.requestmirror.testing.Wire;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The application's logger throws an exception for each line that the mirror logs. */
class ThrowingLoggerTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget server = new TestTarget();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private static long count(Mirror mirror, Outcome outcome) {
    return mirror.stats().target("secondary").count(outcome);
  }

  private MirrorTarget target() {
    return MirrorTarget.builder(server.uri()).name("secondary").build();
  }

  @Test
  void sendsWhenLossesAndListenerFailuresCannotBeLogged() {
    server.behave(TestTarget.status(503));
    Mirror mirror =
        conservation.watch(
            Mirror.builder()
                .target(target(), MirrorPolicy.builder().build())
                .listener(
                    event -> {
                      throw new IllegalStateException("listener failed on purpose");
                    })
                .start());
    try (ThrowingLogger logger = new ThrowingLogger()) {
      for (int i = 0; i < 5; i++) {
        Wire.post(mirror, "/", new byte[100]);
        Conservation.awaitSettled(mirror);
      }
      // One line for the listener's exception, one for the losses.
      await().until(() -> logger.thrown() >= 2);
    }
    server.behave(TestTarget.status(204));
    for (int i = 0; i < 5; i++) {
      Wire.post(mirror, "/", new byte[100]);
    }
    Conservation.awaitSettled(mirror);
    assertThat(count(mirror, Outcome.UNAVAILABLE)).isEqualTo(5);
    assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(5);
  }

  @Test
  void startsSwitchesAndClosesWhenLoggingFails() {
    try (ThrowingLogger logger = new ThrowingLogger()) {
      Mirror mirror = conservation.watch(Mirror.start(target(), MirrorPolicy.builder().build()));
      mirror.enabled(false);
      mirror.enabled(true);
      mirror.replacePolicy("secondary", MirrorPolicy.builder().fraction(1).build());
      Wire.post(mirror, "/", new byte[100]);
      mirror.close();
      assertThat(count(mirror, Outcome.ACCEPTED)).isEqualTo(1);
      assertThat(logger.thrown()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void doesNotThrowToThePrimaryWhenLoggingFails() {
    Mirror mirror = conservation.watch(Mirror.start(target(), MirrorPolicy.builder().build()));
    RequestHead unreadable =
        (RequestHead)
            Proxy.newProxyInstance(
                RequestHead.class.getClassLoader(),
                new Class<?>[] {RequestHead.class},
                (proxy, method, arguments) -> {
                  throw new IllegalStateException("head failed on purpose");
                });
    try (ThrowingLogger logger = new ThrowingLogger()) {
      assertThat(mirror.capture(unreadable)).isSameAs(Capture.none());
      assertThat(logger.thrown()).isPositive();
    }
    assertThat(count(mirror, Outcome.INTERNAL_ERROR)).isEqualTo(1);
  }
}
