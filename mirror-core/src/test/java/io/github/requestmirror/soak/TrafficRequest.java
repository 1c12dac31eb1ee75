package io.github.requestmirror.soak;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request at the primary: its body arrives in parts, with pauses, and may be sent again or end
 * too early; the primary responds at any time. Used again for other requests, so that its end needs
 * no memory.
 */
final class TrafficRequest {
  private static final int NEVER = -1;
  private static final int[] STATUSES = {200, 204, 204, 204, 400, 413, 429, 500, 503};

  /** Read by the thread that ends requests from outside. */
  private volatile @Nullable Capture capture;

  private byte[] body = {};
  private int parts;
  private int part;
  private int respondsAt;
  private int abandonedAt;
  private int resetAt;
  private int status;
  private boolean respondsTwice;
  private boolean reencodes;
  private boolean stalls;
  private long dueAt;

  /** Whether a method of the mirror is running, which must not throw. */
  private boolean inMirror;

  boolean isFree() {
    return capture == null;
  }

  boolean isDue(long now) {
    return capture != null && now - dueAt >= 0;
  }

  boolean hasFailedInMirror() {
    return inMirror;
  }

  /** Decides what will happen. Nothing of the mirror is called. */
  void plan(byte[] body, Random random) {
    this.body = body;
    parts = 1 + (random.nextInt(3) == 0 ? random.nextInt(5) : 0);
    part = 0;
    respondsAt = random.nextInt(4) == 0 ? random.nextInt(parts + 1) : parts + 1;
    abandonedAt = random.nextInt(10) == 0 ? random.nextInt(parts + 1) : NEVER;
    resetAt = random.nextInt(12) == 0 ? random.nextInt(parts) : NEVER;
    status = STATUSES[random.nextInt(STATUSES.length)];
    respondsTwice = random.nextBoolean();
    reencodes = random.nextInt(30) == 0;
    stalls = random.nextInt(8) == 0;
  }

  void start(Mirror mirror, Payloads.Payload payload, boolean hold, long now) {
    inMirror = true;
    Capture started = mirror.capture(payload.head());
    if (hold) {
      started.hold();
    }
    inMirror = false;
    capture = started;
    dueAt = now;
  }

  /** Does what is next. */
  void step(Random random, long now) {
    Capture current = capture;
    if (current == null) {
      return;
    }
    if (part == respondsAt) {
      respond(current, !respondsTwice);
    }
    if (part == abandonedAt) {
      finish();
      return;
    }
    if (part == resetAt) {
      inMirror = true;
      current.reset();
      inMirror = false;
      part = 0;
      resetAt = NEVER;
    }
    if (part < parts) {
      write(current, random.nextBoolean());
      part++;
    } else if (part == parts) {
      inMirror = true;
      if (reencodes) {
        current.completeReencoded();
      } else {
        current.complete();
      }
      inMirror = false;
      part++;
    } else {
      respond(current, true);
      capture = null;
    }
    dueAt = now + pause(random);
  }

  private long pause(Random random) {
    if (stalls && random.nextInt(parts + 1) == 0) {
      stalls = false;
      return TimeUnit.MILLISECONDS.toNanos(1000 + random.nextInt(4000));
    }
    return random.nextInt(4) > 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(random.nextInt(80));
  }

  private void write(Capture current, boolean inBuffer) {
    int from = (int) ((long) body.length * part / parts);
    int to = (int) ((long) body.length * (part + 1) / parts);
    ByteBuffer buffer = inBuffer ? ByteBuffer.wrap(body, from, to - from) : null;
    inMirror = true;
    if (buffer == null) {
      current.write(body, from, to - from);
    } else {
      current.write(buffer);
    }
    inMirror = false;
  }

  private void respond(Capture current, boolean completely) {
    inMirror = true;
    if (completely) {
      current.primaryResponded(status);
    } else {
      current.primaryResponding();
    }
    inMirror = false;
  }

  /** Ends the request, as a container does whatever has happened. */
  void finish() {
    Capture current = capture;
    capture = null;
    if (current != null) {
      inMirror = true;
      current.abandon(Outcome.BODY_INCOMPLETE);
      current.primaryResponded(status);
      inMirror = false;
    }
  }

  /** Ends the request on another thread, while its own may be at it. */
  void interfere(Random random) {
    Capture current = capture;
    if (current != null) {
      switch (random.nextInt(3)) {
        case 0 -> current.abandon(Outcome.BODY_INCOMPLETE);
        case 1 -> current.primaryResponding();
        default -> current.primaryResponded(503);
      }
    }
  }
}
