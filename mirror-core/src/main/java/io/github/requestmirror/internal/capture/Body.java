package io.github.requestmirror.internal.capture;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * The captured bytes of a body, in chunks that are allocated as the bytes arrive. Written by one
 * capture, then read concurrently by any number of exchanges; the hand-over to the pipelines
 * publishes it safely.
 */
public final class Body {
  private static final AtomicIntegerFieldUpdater<Body> USERS =
      AtomicIntegerFieldUpdater.newUpdater(Body.class, "users");

  /** The first chunk of a body that arrives slowly, in bytes. */
  static final int SMALLEST_CHUNK = 4 << 10;

  /** Bytes that arrive together and are at least as many get a chunk of their own. */
  private static final int SMALLEST_PIECE = 1 << 10;

  /** The least number of bytes for which a chunk of the pool is taken. */
  private static final int LEAST_POOLED = ChunkPool.CHUNK - SMALLEST_CHUNK;

  /**
   * Small enough that no garbage collector treats it as a humongous object, and that the direct
   * buffer which the JDK allocates to write it to a socket stays small.
   */
  private static final int LARGEST_CHUNK = 256 << 10;

  /**
   * A body grows by this part of its size at least, so that the number of its chunks and the memory
   * that is not used are bounded.
   */
  private static final int GROWTH_DIVISOR = 32;

  /** An element of the list of chunks, which may have as many free elements. */
  private static final int CHUNK_PLACE = 8;

  /** Enough for most bodies, because it takes time to enlarge a list. */
  private static final int INITIAL_CHUNKS = 8;

  /** The memory of the list of chunks of an empty body, in bytes. */
  public static final long CHUNK_LIST_WEIGHT =
      HeapBytes.object(3 * Integer.BYTES) + HeapBytes.references(INITIAL_CHUNKS);

  private static final byte[] NONE = {};

  private final List<byte[]> chunks = new ArrayList<>(INITIAL_CHUNKS);
  private final ChunkMemory memory;
  private byte[] last = NONE;
  private int lastUsed;
  private long size;
  private long capacity;
  private boolean reencoded;

  /** Whether another thread may still add single bytes to a chunk, which then has to stay here. */
  private boolean hasOpenRoom;

  /** How many read the body after the capture. Accessed by its updater. */
  @SuppressWarnings("UnusedVariable")
  private volatile int users;

  public Body() {
    this(ChunkMemory.HEAP);
  }

  /**
   * @param memory allocates the chunks; replaced in tests
   */
  Body(ChunkMemory memory) {
    this.memory = memory;
  }

  public long size() {
    return size;
  }

  int room() {
    return last.length - lastUsed;
  }

  /**
   * Returns the size of the next chunk: that of the pool's chunks, if the first 4 KiB have arrived
   * and most of it will be used. Else as many bytes as have arrived, or more if these are few. So a
   * client gets memory in proportion to the bytes it sends, whatever it declares.
   *
   * @param declared the declared length of the whole body, or -1
   * @param arrived the number of bytes that have arrived and are not in a chunk yet
   */
  int nextChunkSize(long declared, int arrived) {
    int least = arrived < SMALLEST_PIECE ? SMALLEST_CHUNK : arrived;
    long growth = size / GROWTH_DIVISOR;
    long expected = declared > size ? declared - size : Math.max(arrived, growth);
    if (expected >= LEAST_POOLED && growth <= ChunkPool.CHUNK && size + arrived >= SMALLEST_CHUNK) {
      return ChunkPool.CHUNK;
    }
    long wanted = Math.max(least, growth);
    if (declared > size) {
      wanted = Math.min(wanted, declared - size);
    }
    return (int) Math.min(wanted, LARGEST_CHUNK);
  }

  /** Returns the memory of a chunk and its place in the list, in bytes. */
  static int chunkWeight(int bytes) {
    return (int) HeapBytes.bytes(bytes) + CHUNK_PLACE;
  }

  /** Returns the size of all chunks, in bytes. */
  long capacity() {
    return capacity;
  }

  /**
   * Appends bytes to the last chunk, or to a new one.
   *
   * @param length the number of bytes that have arrived
   * @param chunk the size of the new chunk, or 0 if there is room in the last one
   * @return the number of bytes that were appended
   */
  int append(byte[] bytes, int offset, int length, int chunk) {
    if (chunk > 0 && chunk <= length) {
      add(memory.copyOf(bytes, offset, offset + chunk));
      return appended(chunk);
    }
    if (chunk > 0) {
      add(memory.allocate(chunk));
    }
    int part = Math.min(length, room());
    System.arraycopy(bytes, offset, last, lastUsed, part);
    return appended(part);
  }

  /** As above, from a position of a buffer, which stays unchanged. */
  int append(ByteBuffer bytes, int position, int length, int chunk) {
    if (bytes.hasArray()) {
      return append(bytes.array(), bytes.arrayOffset() + position, length, chunk);
    }
    if (chunk > 0) {
      add(memory.allocate(chunk));
    }
    int part = Math.min(length, room());
    bytes.get(position, last, lastUsed, part);
    return appended(part);
  }

  /** Returns the room in the last chunk, up to a length, to be filled in place. */
  OpenRoom openRoom(long limit) {
    hasOpenRoom = true;
    return new OpenRoom(last, lastUsed, (int) Math.min(limit, room()));
  }

  /** Appends bytes that were filled in place. */
  void filled(int bytes) {
    appended(bytes);
  }

  private void add(byte[] chunk) {
    chunks.add(chunk);
    last = chunk;
    lastUsed = 0;
    capacity += chunk.length;
  }

  private int appended(int bytes) {
    lastUsed += bytes;
    size += bytes;
    return bytes;
  }

  /** Drops all bytes. Their memory is not used again, since a room may be open. */
  void clear() {
    chunks.clear();
    last = NONE;
    lastUsed = 0;
    size = 0;
    capacity = 0;
  }

  void markReencoded() {
    reencoded = true;
  }

  /** Returns whether the bytes are equivalent, but not equal, to the client's body. */
  public boolean isReencoded() {
    return reencoded;
  }

  /** Returns a stream of the bytes, for one thread. */
  public InputStream inputStream() {
    return new BodyInputStream(this);
  }

  /**
   * Says how many will read the body, each of which calls {@link #release} or is never known to
   * have finished. Called before the hand-over.
   */
  void handOver(int users) {
    USERS.set(this, users);
  }

  /** Adds a user. Called by one that has not released the body. */
  public void retain() {
    USERS.incrementAndGet(this);
  }

  /** The caller does not read the body any more. After the last user, its memory is used again. */
  public void release() {
    if (USERS.decrementAndGet(this) == 0 && !hasOpenRoom) {
      memory.release(chunks);
      chunks.clear();
    }
  }

  /**
   * Puts as many bytes as there is room for.
   *
   * @param from the position of the first byte
   * @return whether the last byte is among them
   * @throws IllegalStateException if the body has been released
   */
  public boolean copyTo(ByteBuffer into, long from) {
    if (chunks.isEmpty() && size > 0) {
      throw new IllegalStateException("the memory of the body may be used for another one");
    }
    long skip = from;
    for (int i = 0; i < chunks.size(); i++) {
      int length = chunkLength(i);
      if (skip >= length) {
        skip -= length;
        continue;
      }
      int part = Math.min(length - (int) skip, into.remaining());
      into.put(chunks.get(i), (int) skip, part);
      if (skip + part < length) {
        return false;
      }
      skip = 0;
    }
    return true;
  }

  private int chunkLength(int index) {
    return index == chunks.size() - 1 ? lastUsed : chunks.get(index).length;
  }

  int chunkCount() {
    return chunks.size();
  }

  /** Returns a new buffer over the bytes of a chunk. */
  ByteBuffer chunk(int index) {
    return ByteBuffer.wrap(chunks.get(index), 0, chunkLength(index));
  }
}
