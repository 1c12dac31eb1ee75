package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.requestmirror.Capture;
import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.dispatch.TestPipeline;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyCaptureTest {
  private static final int LARGEST_CHUNK = 256 << 10;

  /** More than the memory reserved for a head without headers. */
  private static final int HEAD = 2000;

  @RegisterExtension final TestPipeline pipeline = new TestPipeline();

  private Capture open(long declaredLength) {
    return declaredLength < 0
        ? pipeline.open("POST", "/")
        : pipeline.open("POST", "/", "Content-Length", Long.toString(declaredLength));
  }

  private static void write(Capture capture, int bytes) {
    capture.write(new byte[bytes], 0, bytes);
  }

  /** Random writes and resets: the sender gets what a ByteArrayOutputStream would contain. */
  @Test
  void behavesLikeAByteArrayOutputStream() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    pipeline.target(target -> target.maxInFlight(10_000));
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      byte[] body = new byte[random.nextInt(4) == 0 ? random.nextInt(700_000) : random.nextInt(99)];
      random.nextBytes(body);
      Capture capture = open(random.nextBoolean() ? body.length : -1);
      ByteArrayOutputStream model = new ByteArrayOutputStream();
      while (random.nextInt(4) == 0) {
        write(capture, random.nextInt(body.length + 1));
        capture.reset();
        model.reset();
      }
      while (model.size() < body.length) {
        int length = 1 + random.nextInt(Math.min(body.length - model.size(), 300_000));
        writeRandomly(capture, body, model.size(), length, random);
        model.write(body, model.size(), length);
      }
      assertThat(capture.active()).as("seed %s", seed).isTrue();
      capture.complete();
      assertThat(capture.active()).isFalse();
      expected.add(model.toByteArray());
      if (expected.size() == 20) {
        pipeline.settle();
        assertThat(pipeline.sender().sent()).hasSameSizeAs(expected);
        for (int sent = 0; sent < expected.size(); sent++) {
          assertThat(pipeline.sender().sent().get(sent).body())
              .as("body %s (seed %s)", sent, seed)
              .isEqualTo(expected.get(sent));
        }
        pipeline.sender().sent().forEach(exchange -> exchange.respond(Outcome.ACCEPTED));
        pipeline.sender().sent().clear();
        expected.clear();
        pipeline.settle();
        assertThat(pipeline.bufferedBytes()).isZero();
      }
    }
  }

  private static void writeRandomly(
      Capture capture, byte[] body, int offset, int length, Random random) {
    switch (random.nextInt(6)) {
      case 5 -> writeSingles(capture, body, offset, length);
      case 0 -> capture.write(ByteBuffer.wrap(body, offset, length));
      case 1 -> capture.write(ByteBuffer.wrap(body, offset, length).slice().asReadOnlyBuffer());
      case 2 -> capture.write(ByteBuffer.allocateDirect(length).put(0, body, offset, length));
      default -> capture.write(body, offset, length);
    }
  }

  private static void writeSingles(Capture capture, byte[] body, int offset, int length) {
    for (int i = 0; i < length; i++) {
      capture.write(body, offset + i, 1);
    }
  }

  @Test
  void singleBytesTakeTheMemoryOfTheBodyOnly() {
    List<Integer> chunks = new ArrayList<>();
    Capture capture = pipeline.open(-1, chunks::add);
    long head = pipeline.bufferedBytes();
    writeSingles(capture, new byte[5000], 0, 5000);
    assertThat(chunks).containsExactly(4 << 10, 4 << 10);
    assertThat(pipeline.bufferedBytes() - head).isEqualTo(2L * Body.chunkWeight(4 << 10));
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  /** Each target has its own limit, and the byte that exceeds it ends the copy. */
  @Test
  void singleBytesEndTheCopiesOfTheTargetsWhoseLimitsTheyExceed() {
    Limited small = new Limited(100);
    Limited large = new Limited(5000);
    Capture capture = new BodyCapture(new CaptureSink[] {small, large}, -1);
    for (int written = 0; written <= 5000; written++) {
      assertThat(small.outcome).isEqualTo(written > 100 ? Outcome.BODY_TOO_LARGE : null);
      assertThat(capture.active()).isTrue();
      capture.write(new byte[1], 0, 1);
    }
    assertThat(capture.active()).isFalse();
    assertThat(large.outcome).isEqualTo(Outcome.BODY_TOO_LARGE);
    assertThat(List.of(small.captured, large.captured)).containsExactly(100L, 5000L);
  }

  /**
   * A thread that wakes up may take the CPU from the one that wakes it, and the primary's response
   * must not wait for its monitor meanwhile.
   */
  @Test
  void wakesTheTargetsWithoutTheMonitor() {
    Limited captured = new Limited(100);
    Capture capture = new BodyCapture(new CaptureSink[] {captured}, -1);
    captured.capture = capture;
    capture.write(new byte[1], 0, 1);
    assertThat(captured.wakeUps).isEmpty();
    capture.complete();
    assertThat(captured.wakeUps).containsExactly("captured");

    Limited quiet = new Limited(100);
    quiet.capture = new BodyCapture(new CaptureSink[] {quiet}, -1);
    quiet.capture.completeQuietly();
    assertThat(quiet.wakeUps).isEmpty();
    quiet.capture.wakeUp();
    assertThat(quiet.wakeUps).containsExactly("captured");

    Limited reencoded = new Limited(100);
    reencoded.capture = new BodyCapture(new CaptureSink[] {reencoded}, -1);
    reencoded.capture.completeReencoded();
    assertThat(reencoded.wakeUps).containsExactly("captured");

    Limited held = new Limited(100);
    held.capture = new BodyCapture(new CaptureSink[] {held}, -1);
    held.capture.hold();
    held.capture.complete();
    held.capture.primaryResponded(204);
    assertThat(held.wakeUps).containsExactly("captured", "accepted");
  }

  private static final class Limited implements CaptureSink {
    private final long limit;

    /** What was called last before each wake-up. */
    private final List<String> wakeUps = new ArrayList<>();

    private @Nullable Capture capture;
    private String last = "";
    private @Nullable Outcome outcome;
    private long captured;

    Limited(long limit) {
      this.limit = limit;
    }

    @Override
    public long maxBodyBytes() {
      return limit;
    }

    @Override
    public void startedAt(long nanos) {}

    @Override
    public boolean waitsForPrimary() {
      return false;
    }

    @Override
    public boolean wantsPrimaryStatus(int status) {
      return true;
    }

    @Override
    public void hold() {}

    @Override
    public @Nullable Outcome reserve(int bytes) {
      return null;
    }

    @Override
    public void growing(BodyCapture capture, long now) {}

    @Override
    public void releaseBody() {}

    @Override
    public void captured(Body body) {
      last = "captured";
    }

    @Override
    public void wakeUp() {
      wakeUps.add(Thread.holdsLock(Objects.requireNonNull(capture)) ? "monitor" : last);
    }

    @Override
    public void primaryResponding() {}

    @Override
    public void primaryResponded(int status) {}

    @Override
    public void primaryAccepted() {
      last = "accepted";
    }

    @Override
    public void abandon(Outcome outcome, long capturedBytes, @Nullable Throwable cause) {
      this.outcome = outcome;
      this.captured = capturedBytes;
    }
  }

  @Test
  void resetDiscardsSingleBytes() {
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    Capture capture = open(-1);
    writeSingles(capture, new byte[] {1, 2, 3, 4}, 0, 4);
    capture.reset();
    writeSingles(capture, new byte[] {5, 6, 7}, 0, 3);
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent().get(0).body()).containsExactly(5, 6, 7);
  }

  @Test
  void neitherRetainsNorMovesTheSource() {
    byte[] array = {1, 2, 3};
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {0, 4, 5, 0}, 1, 2);
    Capture capture = open(-1);
    capture.write(array, 0, 3);
    capture.write(buffer);
    assertThat(buffer.position()).isEqualTo(1);
    assertThat(buffer.limit()).isEqualTo(3);
    Arrays.fill(array, (byte) 9);
    Arrays.fill(buffer.array(), (byte) 9);
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent().get(0).body()).containsExactly(1, 2, 3, 4, 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 99, 101, 5000})
  void bodyWithAnotherThanTheDeclaredLengthIsIncomplete(int written) {
    Capture capture = open(100);
    write(capture, written);
    capture.complete();
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
    pipeline.settle();
    assertThat(pipeline.sender().sent()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "-1", "1.5", "99999999999999999999", "5, 5"})
  void ignoresInvalidContentLength(String length) {
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    Capture capture = pipeline.open("POST", "/", "Content-Length", length);
    write(capture, 7);
    capture.complete();
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
  }

  @Test
  void doesNotCapture_declaredBodyAboveTheLimit() {
    pipeline.target(target -> target.maxBodyBytes(1000));
    assertThat(open(1001)).isSameAs(Capture.none());
    assertThat(pipeline.count(Outcome.BODY_TOO_LARGE)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isZero();
    Capture fits = open(1000);
    assertThat(fits.active()).isTrue();
    fits.abandon(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 999, 1000})
  void abandons_undeclaredBodyThatExceedsTheLimit(int piece) {
    pipeline.target(target -> target.maxBodyBytes(1000));
    Capture capture = open(-1);
    for (int written = 0; written + piece <= 1000; written += piece) {
      write(capture, piece);
      assertThat(capture.active()).isTrue();
    }
    write(capture, piece);
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.BODY_TOO_LARGE)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isLessThan(HEAD);
    capture.complete();
  }

  @Test
  void doesNotCapture_declaredBodyAboveTheBudget() {
    pipeline.target(target -> target.bufferBytes(100_000).maxBodyBytes(90_000));
    Capture first = open(60_000);
    write(first, 60_000);
    assertThat(open(60_000)).isSameAs(Capture.none());
    assertThat(pipeline.count(Outcome.BUFFER_FULL)).isEqualTo(1);
    first.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    Capture second = open(60_000);
    assertThat(second.active()).isTrue();
    second.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void drops_undeclaredBodyThatExceedsTheBudget() {
    pipeline.target(target -> target.bufferBytes(100_000).maxBodyBytes(100_000));
    Capture capture = open(-1);
    for (int i = 0; i < 200 && capture.active(); i++) {
      write(capture, 1000);
      assertThat(pipeline.bufferedBytes()).isLessThanOrEqualTo(100_000);
    }
    assertThat(capture.active()).isFalse();
    assertThat(pipeline.count(Outcome.BUFFER_FULL)).isEqualTo(1);
    assertThat(pipeline.bufferedBytes()).isLessThan(HEAD);
    capture.complete();
  }

  @Test
  void abandonReleasesTheBody() {
    Capture capture = open(-1);
    write(capture, 1_000_000);
    assertThat(pipeline.bufferedBytes()).isGreaterThan(1_000_000);
    capture.abandon(Outcome.BODY_UNSUPPORTED);
    assertThat(pipeline.bufferedBytes()).isLessThan(HEAD);
    assertThat(pipeline.count(Outcome.BODY_UNSUPPORTED)).isEqualTo(1);
    pipeline.settle();
    assertThat(pipeline.bufferedBytes()).isZero();
  }

  @Test
  void resetReleasesTheBody() {
    Capture capture = open(-1);
    write(capture, 1_000_000);
    capture.reset();
    assertThat(pipeline.bufferedBytes()).isLessThan(HEAD);
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void abandonCountsOtherReasonsAsIncomplete() {
    for (Outcome reason : Outcome.values()) {
      open(-1).abandon(reason);
    }
    for (Outcome outcome : Outcome.values()) {
      long others = Outcome.values().length - skips();
      assertThat(pipeline.count(outcome))
          .as("%s", outcome)
          .isEqualTo(
              outcome == Outcome.BODY_INCOMPLETE
                  ? 1 + others
                  : outcome.kind() == Outcome.Kind.SKIPPED ? 1 : 0);
    }
  }

  private static long skips() {
    return Arrays.stream(Outcome.values())
        .filter(outcome -> outcome.kind() == Outcome.Kind.SKIPPED)
        .count();
  }

  /** A client may declare a large body and send few bytes. */
  @Test
  void declaredLengthAllocatesAtMostOneChunkAhead() {
    Capture capture = open(16 << 20);
    assertThat(pipeline.bufferedBytes()).isLessThan(HEAD);
    long written = 0;
    for (int i = 0; i < 40; i++) {
      write(capture, 50_000);
      written += 50_000;
      assertThat(pipeline.bufferedBytes()).isBetween(written, written + LARGEST_CHUNK + HEAD);
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void declaredBodyIsChargedAlmostExactly() {
    Capture capture = open(12_345);
    long head = pipeline.bufferedBytes();
    write(capture, 1);
    write(capture, 12_344);
    // And what two chunks take beside their bytes.
    assertThat(pipeline.bufferedBytes()).isBetween(head + 12_345, head + 12_345 + 100);
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 12_000})
  void declaredBodyThatArrivesAtOnceIsOneArray(int bytes) {
    pipeline.sender().automatic(sent -> Outcome.ACCEPTED);
    List<Integer> chunks = new ArrayList<>();
    Capture capture = pipeline.open(bytes, chunks::add);
    write(capture, bytes);
    capture.complete();
    pipeline.settle();
    assertThat(chunks).containsExactly(bytes);
  }

  @Test
  void bodyThatArrivesInPiecesIsChargedAlmostExactly() {
    Capture capture = open(-1);
    long head = pipeline.bufferedBytes();
    for (int written = 10_000; written < 2_000_000; written += 10_000) {
      write(capture, 10_000);
      assertThat(pipeline.bufferedBytes() - head)
          .isBetween((long) written, (long) (1.06 * written) + Body.SMALLEST_CHUNK);
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void bodyThatArrivesInSmallPiecesIsChargedLittleMoreThanItsBytes() {
    Capture capture = open(-1);
    long head = pipeline.bufferedBytes();
    for (int written = 1024; written < 1_000_000; written += 1024) {
      write(capture, 1024);
      assertThat(pipeline.bufferedBytes() - head)
          .isBetween((long) written, (long) (1.06 * written) + Body.SMALLEST_CHUNK);
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void bodyThatArrivesInPiecesHasFewChunks() {
    List<Integer> chunks = new ArrayList<>();
    Capture capture = pipeline.open(-1, chunks::add);
    for (int i = 0; i < 16 << 10; i++) {
      write(capture, 1000);
    }
    assertThat(chunks).hasSizeLessThan(250);
    assertThat(chunks).startsWith(4 << 10, 4 << 10).endsWith(LARGEST_CHUNK);
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void largePiecesAreChunks() {
    List<Integer> chunks = new ArrayList<>();
    Capture capture = pipeline.open(-1, chunks::add);
    for (int size : new int[] {8 << 10, 1024, 5000, 12_000}) {
      write(capture, size);
    }
    assertThat(chunks).containsExactly(8 << 10, 1024, 5000, 12_000);
    capture.abandon(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void callsAfterTheEndHaveNoEffect() {
    Capture completed = open(-1);
    write(completed, 5);
    completed.complete();
    Capture abandoned = open(-1);
    abandoned.abandon(Outcome.BODY_UNSUPPORTED);
    for (Capture capture : List.of(completed, abandoned)) {
      assertThat(capture.active()).isFalse();
      write(capture, 5);
      capture.write(ByteBuffer.allocate(5));
      capture.reset();
      capture.complete();
      capture.abandon(Outcome.BODY_INCOMPLETE);
      capture.primaryResponding();
      capture.primaryResponded(500);
      capture.primaryResponded(200);
    }
    pipeline.settle();
    assertThat(pipeline.sender().sent()).hasSize(1);
    assertThat(pipeline.sender().sent().get(0).body()).hasSize(5);
    pipeline.sender().sent().get(0).respond(Outcome.ACCEPTED);
    pipeline.settle();
    assertThat(pipeline.count(Outcome.ACCEPTED)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.BODY_UNSUPPORTED)).isEqualTo(1);
    assertThat(pipeline.count(Outcome.BODY_INCOMPLETE)).isZero();
  }

  @Test
  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  void countsInvalidArgumentsOfAnAdapter() {
    byte @Nullable [] nothing = null;
    ByteBuffer noBuffer = null;
    List<Runnable> calls =
        List.of(
            () -> open(-1).write(new byte[3], 1, 3),
            () -> open(-1).write(new byte[3], -1, 2),
            () -> open(-1).write(nothing, 0, 1),
            () -> afterSingles().write(nothing, 0, 1),
            () -> afterSingles().write(new byte[3], 3, 1),
            () -> afterSingles().write(new byte[3], -1, 1),
            () -> open(-1).write(noBuffer));
    calls.forEach(call -> assertThatCode(call::run).doesNotThrowAnyException());
    assertThat(pipeline.count(Outcome.INTERNAL_ERROR)).isEqualTo(calls.size());
    Capture nothingWritten = open(-1);
    nothingWritten.write(new byte[3], 0, -1);
    nothingWritten.write(new byte[3], 3, 0);
    assertThat(nothingWritten.active()).isTrue();
    nothingWritten.abandon(Outcome.BODY_INCOMPLETE);
  }

  private Capture afterSingles() {
    Capture capture = open(-1);
    writeSingles(capture, new byte[3], 0, 3);
    return capture;
  }

  @Test
  void eventHasTheNumberOfCapturedBytes() {
    List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();
    pipeline.listener(events::add).sender().automatic(sent -> Outcome.ACCEPTED);
    Capture whole = open(-1);
    write(whole, 70_000);
    whole.complete();
    pipeline.settle();
    Capture part = open(-1);
    write(part, 30_000);
    part.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    Capture singles = open(-1);
    writeSingles(singles, new byte[30], 0, 30);
    singles.abandon(Outcome.BODY_INCOMPLETE);
    pipeline.settle();
    assertThat(events)
        .extracting(MirrorListener.Event::bodyBytes)
        .containsExactly(70_000L, 30_000L, 30L);
    assertThat(events)
        .extracting(MirrorListener.Event::outcome)
        .containsExactly(Outcome.ACCEPTED, Outcome.BODY_INCOMPLETE, Outcome.BODY_INCOMPLETE);
  }
}
