package io.github.requestmirror.internal.capture;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Captures one body for all targets that mirror the request. The chunks are shared, but charged to
 * the budget of each target. A target whose budget or body limit is exceeded drops out without
 * affecting the others.
 *
 * <p>The monitor is held only while bytes are copied and counters updated. Single bytes are written
 * without it, except for the first two and those that need another chunk. It is contended only when
 * a container ends a request on one thread while another thread still reads the body, and when the
 * thread of a target looks whether a capture has stalled.
 */
public final class BodyCapture implements Capture {
  /** What follows the head is not HTTP, so there is no request to copy (RFC 9110 15.2.2). */
  private static final int SWITCHING_PROTOCOLS = 101;

  /** Takes the place of the body, and is never written. */
  private static final Body HANDED_OVER = new Body();

  /** An element is null after its copy has ended. */
  private final @Nullable CaptureSink[] sinks;

  private final long declaredLength;
  private final LongSupplier clock;
  private Body body;
  private long size;
  private boolean open = true;
  private boolean held;
  private boolean responding;
  private boolean responded;

  /** Whether the sinks know that the capture may stall with much memory. */
  private boolean growing;

  /** When the last byte arrived. Known only while growing. */
  private long progressAt;

  /** Whether the last write was of a single byte. */
  private boolean writesSingles;

  /**
   * Where single bytes are written without the monitor. Set by the thread that writes. Another
   * thread may clear it at any time: the bytes that are added afterwards are not captured.
   */
  private @Nullable OpenRoom openRoom;

  private volatile boolean active = true;

  /**
   * @param sinks at least one; the array is not copied
   * @param declaredLength the Content-Length, or -1
   */
  public BodyCapture(@Nullable CaptureSink[] sinks, long declaredLength) {
    this(sinks, declaredLength, System::nanoTime, ChunkMemory.HEAP);
  }

  /**
   * @param clock in nanoseconds, that of the sinks
   * @param memory allocates the chunks; replaced in tests
   */
  public BodyCapture(
      @Nullable CaptureSink[] sinks, long declaredLength, LongSupplier clock, ChunkMemory memory) {
    this.sinks = sinks;
    this.declaredLength = declaredLength;
    this.clock = clock;
    this.body = new Body(memory);
  }

  /**
   * Sets when the request began, if that was before the capture was opened.
   *
   * @param nanos a time of the clock
   */
  public synchronized void startedAt(long nanos) {
    for (CaptureSink sink : sinks) {
      if (sink != null) {
        sink.startedAt(nanos);
      }
    }
  }

  @Override
  public boolean active() {
    return active;
  }

  @Override
  public synchronized void hold() {
    if (active && !held && !responded) {
      held = true;
      for (CaptureSink sink : sinks) {
        if (sink != null) {
          sink.hold();
        }
      }
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (active && !(length == 1 && addToRoom(bytes, offset))) {
      writeLocked(bytes, offset, length);
    }
  }

  /** Returns false if there is no room, or if the arguments are invalid. */
  private boolean addToRoom(byte[] bytes, int offset) {
    OpenRoom room = openRoom;
    return room != null
        && bytes != null
        && offset >= 0
        && offset < bytes.length
        && room.add(bytes[offset]);
  }

  private synchronized void writeLocked(byte[] bytes, int offset, int length) {
    try {
      closeRoom();
      for (int done = 0; done < length; ) {
        int chunk = reserve(length - done);
        if (!active) {
          return;
        }
        done += body.append(bytes, offset + done, length - done, chunk);
      }
      progress(length);
      if (length == 1 && writesSingles) {
        openRoom = body.openRoom(roomBelowLimits());
      }
      writesSingles = length == 1;
    } catch (Throwable t) {
      fail(t);
    }
  }

  @Override
  public void write(ByteBuffer bytes) {
    if (active) {
      writeLocked(bytes);
    }
  }

  private synchronized void writeLocked(ByteBuffer bytes) {
    try {
      closeRoom();
      writesSingles = false;
      int length = bytes.remaining();
      for (int done = 0; done < length; ) {
        int chunk = reserve(length - done);
        if (!active) {
          return;
        }
        done += body.append(bytes, bytes.position() + done, length - done, chunk);
      }
      progress(length);
    } catch (Throwable t) {
      fail(t);
    }
  }

  /** Returns how many bytes more no sink refuses for the size of the body. */
  private long roomBelowLimits() {
    long room = Long.MAX_VALUE;
    for (CaptureSink sink : sinks) {
      if (sink != null) {
        room = Math.min(room, sink.maxBodyBytes() - body.size());
      }
    }
    return room;
  }

  /** Adds the bytes to the body that were written without the monitor. */
  private void takeSingles() {
    OpenRoom room = openRoom;
    if (active && room != null) {
      int bytes = room.take();
      body.filled(bytes);
      progress(bytes);
    }
  }

  private void closeRoom() {
    takeSingles();
    openRoom = null;
  }

  /**
   * Ends the copies that have no room for more bytes, and reserves the memory of the others.
   *
   * @return the size of the next chunk, or 0 if there is room in the last one
   */
  private int reserve(int more) {
    if (!active) {
      return 0;
    }
    int chunk = body.room() > 0 ? 0 : body.nextChunkSize(declaredLength, more);
    for (int i = 0; i < sinks.length; i++) {
      CaptureSink sink = sinks[i];
      if (sink == null) {
        continue;
      }
      if (body.size() + more > sink.maxBodyBytes()) {
        end(i, sink, Outcome.BODY_TOO_LARGE, null);
      } else if (chunk > 0) {
        Outcome refusal = sink.reserve(Body.chunkWeight(chunk));
        if (refusal != null) {
          end(i, sink, refusal, null);
        }
      }
    }
    return chunk;
  }

  private void progress(int bytes) {
    if (bytes == 0) {
      // A read that does not block may return none.
      return;
    }
    if (growing) {
      progressAt = clock.getAsLong();
    } else if (body.capacity() > Body.SMALLEST_CHUNK && body.size() != declaredLength) {
      growing = true;
      progressAt = clock.getAsLong();
      for (CaptureSink sink : sinks) {
        if (sink != null) {
          sink.growing(this, progressAt);
        }
      }
    }
  }

  /**
   * Ends the copy of one target as {@link Outcome#CAPTURE_TOO_SLOW} if the body is not complete and
   * no byte has arrived for too long. Does not end a capture with little memory. Called by the
   * target's thread after {@link CaptureSink#growing}.
   *
   * @param patience in nanoseconds
   * @return when the last byte arrived; now if the copy cannot stall
   */
  public synchronized long endIfStalled(CaptureSink sink, long now, long patience) {
    // The last one may have arrived just now; a capture that reads single bytes may therefore stall
    // for twice as long before it ends.
    takeSingles();
    if (!open || body.capacity() <= Body.SMALLEST_CHUNK) {
      return now;
    }
    if (now - progressAt >= patience) {
      for (int i = 0; i < sinks.length; i++) {
        if (sinks[i] == sink) {
          end(i, sink, Outcome.CAPTURE_TOO_SLOW, null);
        }
      }
    }
    return progressAt;
  }

  @Override
  public synchronized void reset() {
    if (!active) {
      return;
    }
    openRoom = null;
    body.clear();
    for (CaptureSink sink : sinks) {
      if (sink != null) {
        sink.releaseBody();
      }
    }
  }

  @Override
  public void complete() {
    if (active) {
      completeQuietly();
      wakeUp();
    }
  }

  @Override
  public synchronized void completeQuietly() {
    if (!active) {
      return;
    }
    try {
      closeRoom();
      if (declaredLength >= 0 && body.size() != declaredLength) {
        endAll(Outcome.BODY_INCOMPLETE, null);
      } else {
        handOver();
      }
    } catch (Throwable t) {
      fail(t);
    }
  }

  @Override
  public void completeReencoded() {
    if (active) {
      completeReencodedLocked();
      wakeUp();
    }
  }

  private synchronized void completeReencodedLocked() {
    if (!active) {
      return;
    }
    try {
      closeRoom();
      body.markReencoded();
      handOver();
    } catch (Throwable t) {
      fail(t);
    }
  }

  /**
   * Without the monitor, because a thread that wakes up may take the CPU of the one that wakes it,
   * and the primary's response would wait for the monitor. An element of the sinks may be cleared
   * at any time; the end of a copy wakes its target by itself.
   */
  @Override
  public void wakeUp() {
    for (CaptureSink sink : sinks) {
      if (sink != null) {
        sink.wakeUp();
      }
    }
  }

  private void handOver() {
    active = false;
    open = false;
    Body whole = body;
    size = whole.size();
    // The capture may live much longer than the copy: do not retain the body.
    body = HANDED_OVER;
    int users = 0;
    for (CaptureSink sink : sinks) {
      users += sink == null ? 0 : 1;
    }
    whole.handOver(users);
    for (CaptureSink sink : sinks) {
      if (sink != null) {
        sink.captured(whole);
      }
    }
  }

  @Override
  public synchronized void abandon(Outcome reason) {
    if (active || (held && !responded)) {
      try {
        closeRoom();
        endAll(reason.kind() == Outcome.Kind.SKIPPED ? reason : Outcome.BODY_INCOMPLETE, null);
      } catch (Throwable t) {
        fail(t);
      }
    }
  }

  @Override
  public synchronized void primaryResponding() {
    if (responding) {
      return;
    }
    responding = true;
    try {
      for (CaptureSink sink : sinks) {
        if (sink != null) {
          sink.primaryResponding();
        }
      }
    } catch (Throwable t) {
      fail(t);
    }
  }

  @Override
  public void primaryResponded(int status) {
    if (primaryRespondedLocked(status)) {
      wakeUp();
    }
  }

  /** Returns whether copies that waited for the response may be sent. */
  private synchronized boolean primaryRespondedLocked(int status) {
    if (responded) {
      return false;
    }
    primaryResponding();
    responded = true;
    boolean accepted = false;
    try {
      takeSingles();
      for (int i = 0; i < sinks.length; i++) {
        accepted |= responded(i, status);
      }
    } catch (Throwable t) {
      fail(t);
    }
    return accepted;
  }

  private boolean responded(int index, int status) {
    CaptureSink sink = sinks[index];
    if (sink == null) {
      return false;
    }
    sink.primaryResponded(status);
    boolean waits = sink.waitsForPrimary() || held;
    if (status == SWITCHING_PROTOCOLS && (waits || open)) {
      end(index, sink, Outcome.UPGRADE, null);
    } else if (sink.waitsForPrimary() && !sink.wantsPrimaryStatus(status)) {
      end(index, sink, Outcome.PRIMARY_STATUS, null);
    } else if (waits) {
      sink.primaryAccepted();
      return true;
    }
    return false;
  }

  /** Most likely an OutOfMemoryError. It must not reach the primary either. */
  private void fail(Throwable cause) {
    try {
      endAll(Outcome.INTERNAL_ERROR, cause);
    } catch (Throwable again) {
      // A defect, because an end needs no memory. It must not reach the primary either.
      active = false;
    }
  }

  private void endAll(Outcome outcome, @Nullable Throwable cause) {
    for (int i = 0; i < sinks.length; i++) {
      CaptureSink sink = sinks[i];
      if (sink != null) {
        end(i, sink, outcome, cause);
      }
    }
  }

  private void end(int index, CaptureSink sink, Outcome outcome, @Nullable Throwable cause) {
    sinks[index] = null;
    sink.abandon(outcome, open ? body.size() : size, cause);
    for (CaptureSink other : sinks) {
      if (other != null) {
        return;
      }
    }
    openRoom = null;
    // After the hand-over, exchanges may still be reading the body.
    if (open) {
      body.clear();
    }
    active = false;
  }
}
