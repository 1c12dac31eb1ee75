package io.github.requestmirror.internal.capture;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps some chunks of bodies that have been sent for the bodies that follow. Such a chunk is still
 * in the CPU's cache, while new memory is not, and it costs no garbage collection.
 *
 * <p>Thread-safe, and never waits: while one thread uses the pool, the others allocate chunks and
 * leave theirs to the garbage collector.
 */
public final class ChunkPool implements ChunkMemory {
  /** The size of the chunks, in bytes. Other sizes are not kept. */
  static final int CHUNK = 16 << 10;

  /** More are not in the cache anyway. */
  private static final long MOST_BYTES = 4 << 20;

  /** The part of a target's buffer that unused chunks may take in addition to it. */
  private static final int SHARE = 16;

  private final int capacity;
  private final AtomicBoolean busy = new AtomicBoolean();

  /** The chunk that was used last is the last element. Guarded by the flag. */
  private final ArrayDeque<byte[]> unused;

  /**
   * @param bufferBytes the buffer of the largest target, in bytes
   */
  public ChunkPool(long bufferBytes) {
    this.capacity = (int) (Math.min(MOST_BYTES, bufferBytes / SHARE) / CHUNK);
    // Never grows, because the end of a copy needs no memory.
    this.unused = new ArrayDeque<>(capacity + 1);
  }

  /** Returns an array with any content. */
  @Override
  public byte[] allocate(int size) {
    byte[] chunk = take(size);
    return chunk == null ? new byte[size] : chunk;
  }

  @Override
  public byte[] copyOf(byte[] bytes, int from, int to) {
    byte[] chunk = take(to - from);
    if (chunk == null) {
      return HEAP.copyOf(bytes, from, to);
    }
    System.arraycopy(bytes, from, chunk, 0, to - from);
    return chunk;
  }

  private byte @Nullable [] take(int size) {
    if (size != CHUNK || !busy.compareAndSet(false, true)) {
      return null;
    }
    try {
      return unused.pollLast();
    } finally {
      busy.set(false);
    }
  }

  @Override
  public void release(List<byte[]> chunks) {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    try {
      for (int i = 0; i < chunks.size() && unused.size() < capacity; i++) {
        byte[] chunk = chunks.get(i);
        if (chunk.length == CHUNK) {
          unused.addLast(chunk);
        }
      }
    } finally {
      busy.set(false);
    }
  }
}
