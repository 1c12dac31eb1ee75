package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that end while the policy of the application decides about them. */
class LateCaptureTest {
  private static final byte[] BODY = Wire.bytes(1_000, 6);

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget secondary = new TestTarget();
  private final HttpClientContext context = HttpClientContext.create();
  private final AtomicInteger decisions = new AtomicInteger();
  private @Nullable Mirror mirror;

  @AfterEach
  void closeServer() {
    secondary.close();
  }

  private BodyCopy call(boolean body, Predicate<RequestHead> predicate) {
    mirror =
        conservation.watch(
            Mirror.start(
                MirrorTarget.builder(secondary.uri()).name("secondary").build(),
                MirrorPolicy.builder()
                    .when(
                        head -> {
                          decisions.incrementAndGet();
                          return predicate.test(head);
                        })
                    .build()));
    CallHead head = new CallHead(context, new BasicHttpRequest("POST", "/"), null);
    return new BodyCopy(mirror, head, body);
  }

  private void assertOutcome(Outcome outcome) {
    assertThat(mirror).isNotNull();
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(outcome))
        .as("%s", mirror.stats())
        .isEqualTo(1);
  }

  /** How a call ends. */
  enum End {
    CANCELLED,
    FAILED,
    REFUSED,
    RESPONDED;

    void report(BodyCopy copy) {
      switch (this) {
        case CANCELLED -> copy.cancelled();
        case FAILED -> copy.withoutResponse();
        case REFUSED -> copy.responded(413, true);
        case RESPONDED -> copy.responded(200, false);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void callThatEndsDuringTheDecisionDoesNotWaitAndIsNotCopied(End end) throws Exception {
    CountDownLatch deciding = new CountDownLatch(1);
    CountDownLatch mayDecide = new CountDownLatch(1);
    BodyCopy copy =
        call(
            true,
            head -> {
              deciding.countDown();
              try {
                return mayDecide.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    Thread writer =
        new Thread(
            () -> {
              copy.begin(BODY.length);
              copy.write(BODY, 0, BODY.length);
              copy.complete();
            });
    writer.start();
    assertThat(deciding.await(20, TimeUnit.SECONDS)).isTrue();
    try {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      Thread other =
          new Thread(
              () -> {
                end.report(copy);
                ended.complete(null);
              });
      other.start();
      ended.get(10, TimeUnit.SECONDS);
    } finally {
      mayDecide.countDown();
      writer.join();
    }
    assertThat(decisions).hasValue(1);
    assertThat(copy.active()).isFalse();
    assertOutcome(Outcome.BODY_INCOMPLETE);
    assertThat(secondary.requests()).isEmpty();
  }

  @Test
  void policyMayCancelItsOwnCall() {
    BodyCopy[] copy = new BodyCopy[1];
    copy[0] =
        call(
            true,
            head -> {
              copy[0].cancelled();
              return true;
            });
    copy[0].begin();
    copy[0].write(BODY, 0, BODY.length);
    copy[0].ended(true);
    copy[0].responded(200, true);
    assertThat(decisions).hasValue(1);
    assertOutcome(Outcome.BODY_INCOMPLETE);
    assertThat(secondary.requests()).isEmpty();
  }

  @Test
  void policyDecidesOnceForAllAttempts() {
    BodyCopy copy = call(true, head -> true);
    copy.begin();
    copy.write(BODY, 0, 100);
    copy.begin();
    copy.write(BODY, 0, BODY.length);
    copy.ended(true);
    copy.complete();
    copy.responded(200, true);
    copy.cancelled();
    assertThat(decisions).hasValue(1);
    assertOutcome(Outcome.ACCEPTED);
    assertThat(secondary.requests().get(0).body()).isEqualTo(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void errorOfThePolicyIsCounted(End end) {
    BodyCopy copy =
        call(
            end == End.REFUSED,
            head -> {
              throw new LinkageError("on purpose");
            });
    end.report(copy);
    assertOutcome(Outcome.POLICY_ERROR);
  }

  @Test
  void errorBeforeTheDecisionIsNotThrown() {
    call(true, head -> true);
    assertThat(mirror).isNotNull();
    Capture capture =
        LateCapture.open(
            mirror,
            () -> {
              throw new LinkageError("on purpose");
            },
            0);
    assertThat(capture).isSameAs(Capture.none());
    assertThat(decisions).hasValue(0);
  }

  /** The client may be adding headers to the request at this moment, on another thread. */
  @Test
  void policyDecidesAboutACancelledCallByTheHeadersOfTheCaller() {
    BodyCopy copy = call(false, head -> head.header("X-Added") == null);
    BasicHttpRequest sent = new BasicHttpRequest("POST", "/");
    sent.addHeader("X-Added", "1");
    context.setRequest(sent);
    copy.cancelled();
    assertOutcome(Outcome.BODY_INCOMPLETE);
  }
}
