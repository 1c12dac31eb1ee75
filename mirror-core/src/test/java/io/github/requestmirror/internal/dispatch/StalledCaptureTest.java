package io.github.requestmirror.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.BodyCapture;
import io.github.requestmirror.internal.capture.ChunkMemory;
import io.github.requestmirror.testing.Heads;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that pause in the middle of a body. */
class StalledCaptureTest {
  private static final Duration QUEUE_TIME = Duration.ofSeconds(30);
  private static final int MEBIBYTE = 1 << 20;

  /** More than the memory reserved for a head without headers. */
  private static final int HEAD = 2000;

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();
  @RegisterExtension final TestPipeline other = new TestPipeline();

  private final List<WeakReference<byte[]>> chunks = new ArrayList<>();

  private Capture open(int declared) {
    return pipeline.open("POST", "/", "Content-Length", Integer.toString(declared));
  }

  private static void write(Capture capture, int bytes) {
    capture.write(new byte[bytes], 0, bytes);
  }

  private byte[] chunk(int size) {
    byte[] chunk = new byte[size];
    chunks.add(new WeakReference<>(chunk));
    return chunk;
  }

  /** One capture for both pipelines. */
  private Capture openForBoth(ChunkMemory memory) {
    Copy first = pipeline.pipeline().admit(Heads.head("POST", "/"), null);
    Copy second = other.pipeline().admit(Objects.requireNonNull(first).head(), null);
    return new BodyCapture(new Copy[] {first, second}, -1, pipeline.clock(), memory);
  }

  private boolean chunksAreGone() {
    System.gc();
    return chunks.stream().allMatch(chunk -> chunk.get() == null);
  }

  @Test
  void clientsThatDeclareMuchAndSendOneByteDoNotSilenceTheMirror() {
    pipeline.target(target -> target.bufferBytes(64 << 20));
    List<Capture> slow = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      Capture capture = open(MEBIBYTE);
      write(capture, 1);
      slow.add(capture);
    }
    assertThat(pipeline.bufferedBytes()).isLessThan(4 << 20);
    Capture normal = open(MEBIBYTE);
    write(normal, MEBIBYTE);
    normal.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
    slow.forEach(capture -> capture.abandon(Outcome.BODY_INCOMPLETE));
  }

  /** Their time is not known exactly, and a capture must not end too early. */
  @Test
  void singleBytesAreProgress() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = open(MEBIBYTE);
    write(capture, 5000);
    for (int i = 0; i < 50; i++) {
      pipeline.advance(QUEUE_TIME.dividedBy(2));
      write(capture, 1);
    }
    assertThat(capture.active()).isTrue();
    pipeline.advance(QUEUE_TIME);
    pipeline.advance(QUEUE_TIME);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  @Test
  void stalledCaptureEndsAndReleasesItsMemory() {
    List<MirrorListener.Event> events = new ArrayList<>();
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME)).listener(events::add);
    Copy copy = pipeline.pipeline().admit(Heads.head("POST", "/"), null);
    Capture capture = new BodyCapture(new Copy[] {copy}, -1, pipeline.clock(), this::chunk);
    write(capture, 3000);
    write(capture, 3000);
    pipeline.advance(QUEUE_TIME.minusNanos(1));
    assertThat(capture.active()).isTrue();
    assertThat(pipeline.bufferedBytes()).isGreaterThan(6000);
    pipeline.advance(Duration.ofNanos(1));
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
    assertThat(events).hasSize(1);
    assertThat(events.get(0).bodyBytes()).isEqualTo(6000);
    // The request continues, and its capture still exists.
    await().until(this::chunksAreGone);
    write(capture, 3000);
    capture.complete();
    capture.primaryResponded(204);
    pipeline.settle();
    assertThat(chunks).hasSize(2);
    assertThat(pipeline.sender().sent()).isEmpty();
  }

  /** A stream may return no bytes from a read that does not block. */
  @Test
  void writeOfNoBytesIsNoProgress() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = pipeline.open("POST", "/");
    write(capture, 3000);
    write(capture, 3000);
    pipeline.advance(QUEUE_TIME.minusNanos(1));
    write(capture, 0);
    capture.write(ByteBuffer.allocate(0));
    pipeline.advance(Duration.ofNanos(1));
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  @Test
  void captureThatProgressesSlowlyIsNotEnded() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = open(5100);
    write(capture, 5000);
    for (int i = 0; i < 100; i++) {
      pipeline.advance(QUEUE_TIME.minusNanos(1));
      assertThat(capture.active()).isTrue();
      write(capture, 1);
    }
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().last().body()).hasSize(5100);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void progressDelaysTheEnd() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = open(MEBIBYTE);
    write(capture, 5000);
    pipeline.advance(QUEUE_TIME.dividedBy(2));
    write(capture, 1);
    pipeline.advance(QUEUE_TIME.minusNanos(1));
    assertThat(capture.active()).isTrue();
    pipeline.advance(Duration.ofNanos(1));
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  @Test
  void stalledCaptureStaysForAnotherTargetWithMorePatience() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    other.target(target -> target.maxQueueTime(QUEUE_TIME.multipliedBy(10)));
    Capture capture = openForBoth(byte[]::new);
    write(capture, 5000);
    // Started, and its clock follows by as much.
    other.settle();
    pipeline.advance(QUEUE_TIME);
    other.advance(QUEUE_TIME);
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
    assertThat(capture.active()).isTrue();
    write(capture, 5000);
    capture.complete();
    other.settle();
    assertThat(other.sender().last().body()).hasSize(10_000);
    other.sender().last().respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
  }

  @Test
  void chunksAreReleasedWhenTheLastTargetGivesUp() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    other.target(target -> target.maxQueueTime(QUEUE_TIME.multipliedBy(2)));
    Capture capture = openForBoth(this::chunk);
    write(capture, 5000);
    pipeline.advance(QUEUE_TIME);
    other.advance(QUEUE_TIME);
    assertThat(chunksAreGone()).isFalse();
    pipeline.advance(QUEUE_TIME);
    other.advance(QUEUE_TIME);
    await().until(this::chunksAreGone);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
    assertThat(other.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  @Test
  void captureWithLittleMemoryIsNotEnded() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture small = open(MEBIBYTE);
    write(small, 4095);
    Capture reset = open(MEBIBYTE);
    write(reset, 8000);
    reset.reset();
    write(reset, 1);
    pipeline.advance(QUEUE_TIME.multipliedBy(10));
    assertThat(small.active()).isTrue();
    assertThat(reset.active()).isTrue();
    assertThat(pipeline.bufferedBytes()).isLessThan(2 * (4096 + HEAD));
    // From here on it holds more, as at first.
    write(reset, 8000);
    pipeline.advance(QUEUE_TIME);
    pipeline.advance(QUEUE_TIME);
    assertThat(reset.active()).isFalse();
    small.abandon(Outcome.BODY_INCOMPLETE);
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  @Test
  void completeBodyDoesNotStall() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME)).whenPrimaryResponds(2);
    Capture capture = open(10_000);
    write(capture, 5000);
    write(capture, 5000);
    capture.complete();
    pipeline.advance(QUEUE_TIME.minusNanos(1));
    capture.primaryResponded(200);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void captureWithAnEarlyResponseFirstStopsToDelayOthers_thenEnds() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = open(MEBIBYTE);
    write(capture, 5000);
    capture.primaryResponded(413);
    Capture dependent = pipeline.open("POST", "/dependent");
    dependent.complete();
    pipeline.advance(QUEUE_TIME.dividedBy(2).minusNanos(1));
    assertThat(pipeline.sender().sent()).isEmpty();
    write(capture, 1);
    pipeline.advance(Duration.ofNanos(1));
    assertThat(capture.active()).isTrue();
    pipeline.advance(QUEUE_TIME);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
    assertThat(pipeline.sender().paths()).containsExactly("/dependent");
    pipeline.sender().last().respond(Outcome.ACCEPTED);
  }

  @Test
  void captureOverdueBeforeItGrowsEndsToo() {
    pipeline.target(target -> target.maxQueueTime(QUEUE_TIME));
    Capture capture = open(MEBIBYTE);
    write(capture, 1);
    capture.primaryResponded(413);
    pipeline.advance(QUEUE_TIME);
    write(capture, 5000);
    pipeline.advance(QUEUE_TIME.minusNanos(1));
    assertThat(capture.active()).isTrue();
    pipeline.advance(Duration.ofNanos(1));
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isEqualTo(1);
  }

  /** The target's thread may end a capture while another thread writes or completes it. */
  @Test
  void concurrentEndsOfACaptureEndTheCopyOnce() throws Exception {
    int captures = 3000;
    pipeline.target(target -> target.maxQueueTime(Duration.ofMillis(1)));
    pipeline.threaded().sender().automatic(sent -> Outcome.ACCEPTED);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> writes =
          threads.submit(
              () -> {
                for (int i = 0; i < captures; i++) {
                  Capture capture = open(100_000);
                  for (int written = 0; written < 100_000; written += 5000) {
                    write(capture, 5000);
                  }
                  capture.complete();
                  capture.primaryResponded(204);
                }
              });
      while (!writes.isDone()) {
        // The thread of the target looks at the capture all the time.
        pipeline.clock().advance(Duration.ofNanos(100_000));
        pipeline.sender().wakeUp();
      }
      writes.get();
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    await().until(() -> pipeline.ended() >= captures && pipeline.bufferedBytes() == 0);
    assertThat(pipeline.ended()).isEqualTo(captures);
    assertThat(pipeline.count(Outcome.CAPTURE_TOO_SLOW)).isPositive();
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isZero();
  }
}
