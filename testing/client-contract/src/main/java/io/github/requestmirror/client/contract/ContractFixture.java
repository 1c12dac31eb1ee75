package io.github.requestmirror.client.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A primary, a target, a mirror of all calls and the clients of one test. */
abstract class ContractFixture {
  static final String PUSH = "/api/v1/push";
  private static final String TARGET = "secondary";

  @RegisterExtension final Conservation conservation = new Conservation();
  final TestTarget primary = new TestTarget();
  final TestTarget target = new TestTarget();

  /** Opens when the test ends. */
  final CountDownLatch end = new CountDownLatch(1);

  private final TestClient.Factory factory;
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private @Nullable Mirror mirror;

  ContractFixture(TestClient.Factory factory) {
    this.factory = factory;
  }

  @AfterEach
  void closeAll() throws Exception {
    end.countDown();
    // Clients are the last in the list and are closed before the servers.
    Collections.reverse(closeables);
    for (AutoCloseable closeable : closeables) {
      closeable.close();
    }
    primary.close();
    target.close();
  }

  final <T extends AutoCloseable> T closedAtTheEnd(T closeable) {
    closeables.add(closeable);
    return closeable;
  }

  /** Returns a wait that checks its condition often. */
  static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(2));
  }

  /** Starts the mirror of this test. */
  final Mirror mirror(
      UnaryOperator<MirrorTarget.Builder> limits, UnaryOperator<MirrorPolicy.Builder> policy) {
    return start(
        limits.apply(MirrorTarget.builder(target.uri()).name(TARGET)).build(),
        policy.apply(MirrorPolicy.builder()).build());
  }

  final Mirror start(MirrorTarget to, MirrorPolicy policy) {
    Mirror started = conservation.watch(Mirror.start(to, policy));
    mirror = started;
    return started;
  }

  final Mirror mirror() {
    return mirror == null ? mirror(limits -> limits, policy -> policy) : mirror;
  }

  final MirrorStats.Target stats() {
    return mirror().stats().targets().get(0);
  }

  final TestClient.Factory factory() {
    return factory;
  }

  /** Starts a client that the mirror sees. */
  final TestClient mirrored() {
    return client(TestClient.Options.of(mirror()));
  }

  final TestClient client(TestClient.Options options) {
    return closedAtTheEnd(factory.start(options));
  }

  final String uri(String path) {
    return primary.uri() + path;
  }

  /** Waits for all copies and asserts that there are no other outcomes. */
  final void assertOutcomes(Outcome... expected) {
    Conservation.awaitSettled(mirror());
    List<Outcome> outcomes = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      for (long i = 0; i < stats().count(outcome); i++) {
        outcomes.add(outcome);
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrder(expected);
  }

  final void assertCopies(byte[]... bodies) {
    Conservation.awaitSettled(mirror());
    assertThat(target.requests()).extracting(HttpMessage::body).containsExactly(bodies);
  }
}
