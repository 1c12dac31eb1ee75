package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * One request at the primary, as a sequence of calls of its capture: pieces of the body, perhaps
 * repeated from the start, the end of the body, and the response at any point.
 */
final class SimulatedPrimary {
  private final Random random;
  private final Capture capture;
  private final List<SimulatedOrder.Entry> entries;
  private final byte[] body;
  private final LongSupplier moments;
  private final LongSupplier clock;
  private final ArrayDeque<Runnable> steps = new ArrayDeque<>();

  /**
   * @param moments numbers the calls of all primaries
   */
  SimulatedPrimary(
      Random random,
      Capture capture,
      List<SimulatedOrder.Entry> entries,
      byte[] body,
      LongSupplier moments,
      LongSupplier clock) {
    this.random = random;
    this.capture = capture;
    this.entries = entries;
    this.body = body;
    this.moments = moments;
    this.clock = clock;
    for (SimulatedOrder.Entry entry : entries) {
      entry.body = body;
    }
    plan();
  }

  private void plan() {
    boolean holds = random.nextInt(4) == 0;
    boolean neverResponds = random.nextInt(20) == 0;
    boolean earlyResponse = random.nextInt(6) == 0;
    if (holds) {
      steps.add(
          () -> {
            capture.hold();
            entries.forEach(entry -> entry.held = true);
          });
    }
    int pieces = 1 + random.nextInt(3);
    if (random.nextInt(8) == 0) {
      write(pieces, false);
      steps.add(this::reset);
    }
    if (earlyResponse) {
      respond();
    }
    boolean stalls = random.nextInt(10) == 0;
    write(pieces, stalls);
    switch (stalls ? 1 : random.nextInt(12)) {
      case 0 -> steps.add(() -> capture.abandon(Outcome.BODY_INCOMPLETE));
      case 1 -> {
        // The client stays silent for ever; only the end of the run ends the request.
      }
      default -> steps.add(this::complete);
    }
    if (holds && random.nextInt(3) == 0) {
      steps.add(() -> capture.abandon(Outcome.BODY_INCOMPLETE));
    }
    if (!earlyResponse && !neverResponds) {
      respond();
    }
  }

  /**
   * @param stalls whether the client stops somewhere in the body
   */
  private void write(int pieces, boolean stalls) {
    int size = Math.max(1, body.length / pieces);
    int end = stalls ? random.nextInt(body.length + 1) : body.length;
    for (int from = 0; from < end; from += size) {
      int start = from;
      int length = Math.min(size, body.length - from);
      boolean buffer = random.nextBoolean();
      steps.add(
          () -> {
            if (buffer) {
              capture.write(ByteBuffer.wrap(body, start, length));
            } else {
              capture.write(body, start, length);
            }
            for (SimulatedOrder.Entry entry : entries) {
              entry.written += length;
              entry.wroteAt = clock.getAsLong();
            }
          });
    }
  }

  private void reset() {
    entries.forEach(entry -> entry.written = 0);
    capture.reset();
  }

  private void complete() {
    long moment = moments.getAsLong();
    for (SimulatedOrder.Entry entry : entries) {
      entry.captured = moment;
    }
    capture.complete();
  }

  private void respond() {
    int status = random.nextInt(5) == 0 ? 500 : 204;
    if (random.nextBoolean()) {
      steps.add(this::responding);
    }
    steps.add(
        () -> {
          responding();
          responded(status);
        });
  }

  private void responding() {
    long moment = moments.getAsLong();
    for (SimulatedOrder.Entry entry : entries) {
      entry.responding = Math.min(entry.responding, moment);
    }
    capture.primaryResponding();
  }

  /** Makes the next call; returns false if there is none. */
  boolean step() {
    Runnable next = steps.poll();
    if (next != null) {
      next.run();
    }
    return !steps.isEmpty();
  }

  /** Makes the rest of the calls, and ends the request as an adapter does in any case. */
  void finish() {
    while (step()) {
      // One call after another.
    }
    capture.abandon(Outcome.BODY_INCOMPLETE);
    responding();
    responded(0);
  }

  private void responded(int status) {
    for (SimulatedOrder.Entry entry : entries) {
      entry.status = entry.status < 0 ? status : entry.status;
    }
    capture.primaryResponded(status);
  }

  /** Returns a body that differs from the bodies of other requests. */
  static byte[] body(int number, int size) {
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) number);
    if (size >= Integer.BYTES) {
      ByteBuffer.wrap(body).putInt(number);
    }
    return body;
  }
}
