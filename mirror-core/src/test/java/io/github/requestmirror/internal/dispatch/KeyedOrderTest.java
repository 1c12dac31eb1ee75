package io.github.requestmirror.internal.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies that the causal order holds back, and whose bodies say which of them may go. */
class KeyedOrderTest {
  private static final Duration PATIENCE = Duration.ofMillis(20);
  private static final Duration SOON = Duration.ofMillis(1);

  /** The keys are the characters of the body; those of "?" are unknown. */
  @RegisterExtension
  final TestPipeline pipeline =
      new TestPipeline()
          .orderKeys(
              (head, body, key) -> {
                String text = new String(body.readAllBytes(), UTF_8);
                text.chars().forEach(key::accept);
                switch (text) {
                  case "?" -> {
                    return false;
                  }
                  case "throws" -> throw new IOException("on purpose");
                  case "error" -> throw new StackOverflowError("on purpose");
                  case "full" -> throw new OutOfMemoryError("on purpose");
                  default -> {
                    return true;
                  }
                }
              });

  /** Captures a request with this body, to which the primary responds at once. */
  private Capture post(String body) {
    Capture capture = pipeline.open("POST", "/" + body);
    byte[] bytes = body.getBytes(UTF_8);
    capture.write(bytes, 0, bytes.length);
    capture.complete();
    capture.primaryResponded(204);
    return capture;
  }

  /** Lets the pipeline read all keys that it wants to. */
  private void readKeys() {
    for (int i = 0; i < 20; i++) {
      pipeline.settle();
      pipeline.readKeys();
    }
    pipeline.settle();
  }

  private List<String> sent() {
    return pipeline.sender().paths();
  }

  private void respond(String path) {
    pipeline.sender().sent().stream()
        .filter(sent -> sent.path().equals(path))
        .reduce((first, last) -> last)
        .orElseThrow()
        .respond(Outcome.ACCEPTED);
    pipeline.settle();
  }

  private void respondToAll() {
    for (int i = 0; i < pipeline.sender().sent().size(); i++) {
      pipeline.sender().sent().get(i).respond(Outcome.ACCEPTED);
      pipeline.settle();
    }
  }

  @Test
  void copiesWithoutCommonKeyOvertake() {
    post("a");
    post("ab");
    post("c");
    pipeline.settle();
    assertThat(sent()).containsExactly("/a");
    pipeline.advance(PATIENCE);
    readKeys();
    assertThat(sent()).containsExactly("/a", "/c");
    respond("/a");
    assertThat(sent()).containsExactly("/a", "/c", "/ab");
    assertThat(pipeline.pipeline().bodiesRead()).isEqualTo(3);
    respondToAll();
  }

  @Test
  void bodyKeepsItsMemoryWhileItsKeysAreRead() {
    List<Integer> read = new ArrayList<>();
    pipeline.orderKeys(
        (head, body, key) -> {
          int first = body.read();
          if (first == 'b') {
            respond("/a");
            respond("/b");
          }
          read.add(1 + body.readAllBytes().length);
          return true;
        });
    for (String path : List.of("a", "b")) {
      Capture capture = pipeline.open("POST", "/" + path);
      byte[] chunk = path.repeat(2000).getBytes(UTF_8);
      capture.write(chunk, 0, chunk.length);
      capture.write(chunk, 0, chunk.length);
      capture.complete();
      capture.primaryResponded(204);
    }
    pipeline.settle();
    pipeline.advance(PATIENCE);
    readKeys();
    assertThat(read).containsExactly(4000, 4000);
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(2);
  }

  @Test
  void readsNothingWhileTheTargetIsFast() {
    for (int i = 0; i < 10; i++) {
      post("a" + i);
      pipeline.settle();
      pipeline.advance(PATIENCE.minus(SOON));
      readKeys();
      respond("/a" + i);
    }
    assertThat(pipeline.pipeline().bodiesRead()).isZero();
  }

  @Test
  void readsNothingWhileNoMoreCopiesMayBeInFlight() {
    pipeline.target(target -> target.maxInFlight(1));
    post("a");
    post("b");
    pipeline.settle();
    pipeline.advance(PATIENCE.multipliedBy(10));
    readKeys();
    assertThat(pipeline.pipeline().bodiesRead()).isZero();
    assertThat(pipeline.pipeline().waiting().forPlace()).isEqualTo(1);
    respond("/a");
    respond("/b");
  }

  @Test
  void wakesUpToReadKeys() {
    post("a");
    post("b");
    pipeline.settle();
    assertThat(pipeline.sender().lastWait()).isLessThanOrEqualTo(PATIENCE);
    respondToAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "throws", "error"})
  void copyWithUnknownKeysKeepsItsOrderWithAll(String unknown) {
    post("a");
    post(unknown);
    post("c");
    pipeline.settle();
    pipeline.advance(PATIENCE);
    readKeys();
    assertThat(sent()).containsExactly("/a");
    respond("/a");
    assertThat(sent()).containsExactly("/a", "/" + unknown);
    respond("/" + unknown);
    assertThat(sent()).containsExactly("/a", "/" + unknown, "/c");
    respond("/c");
    assertThat(pipeline.pipeline().bodiesUnreadable()).isEqualTo(1);
  }

  @Test
  void withoutMemoryCopiesWaitInCausalOrder_andNothingIsLost() {
    post("full");
    post("b");
    pipeline.settle();
    pipeline.advance(PATIENCE);
    readKeys();
    assertThat(sent()).containsExactly("/full");
    assertThat(pipeline.pipeline().bodiesUnreadable()).isZero();
    respond("/full");
    respond("/b");
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(2);
  }

  @Test
  void heldCopyHasItsPlaceAtTheResponse() {
    Capture held = pipeline.open("POST", "/held");
    held.hold();
    held.write(new byte[] {'x'}, 0, 1);
    held.complete();
    post("a");
    post("x");
    pipeline.settle();
    pipeline.advance(PATIENCE);
    readKeys();
    // The request that is held has not been responded to, so the other may have come first.
    assertThat(sent()).containsExactly("/a", "/x");
    held.primaryResponded(200);
    readKeys();
    respondToAll();
    assertThat(sent()).containsExactly("/a", "/x", "/held");
  }

  @Test
  void retriedCopyHoldsBackItsSeriesOnly() {
    pipeline.target(target -> target.maxRetries(1));
    post("a");
    post("a2");
    post("b");
    pipeline.settle();
    pipeline.advance(PATIENCE);
    readKeys();
    pipeline.sender().sent().get(0).respond(Outcome.UNAVAILABLE);
    pipeline.settle();
    assertThat(sent()).containsExactly("/a", "/b");
    assertThat(pipeline.pipeline().waiting().forRetry()).isEqualTo(1);
    assertThat(pipeline.pipeline().waiting().forOrder()).isEqualTo(1);
    pipeline.advance(Duration.ofSeconds(1));
    assertThat(sent()).containsExactly("/a", "/b", "/a");
    respond("/a");
    assertThat(sent()).containsExactly("/a", "/b", "/a", "/a2");
    respondToAll();
  }

  @Test
  void keysAreCountedAmongTheBufferedBytes_untilTheCopyEnds() {
    post("abc");
    post("d");
    pipeline.settle();
    pipeline.advance(PATIENCE);
    long before = pipeline.bufferedBytes();
    readKeys();
    assertThat(pipeline.bufferedBytes()).isGreaterThan(before);
    respondToAll();
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void functionThatNeverReturnsStopsNothing() {
    post("a");
    post("b");
    post("c");
    pipeline.settle();
    // The keys are asked for, and never read.
    pipeline.advance(Duration.ofSeconds(1));
    assertThat(sent()).containsExactly("/a");
    respond("/a");
    respond("/b");
    respond("/c");
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(3);
  }

  @Test
  void showsTheOldestWait() {
    post("a");
    pipeline.settle();
    pipeline.clock().advance(Duration.ofSeconds(1));
    post("a1");
    pipeline.settle();
    pipeline.clock().advance(Duration.ofSeconds(2));
    assertThat(pipeline.pipeline().waiting().oldestNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    respondToAll();
    assertThat(pipeline.pipeline().waiting().oldestNanos()).isZero();
  }
}
