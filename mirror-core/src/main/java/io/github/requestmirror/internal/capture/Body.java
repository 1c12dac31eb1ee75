package io.github.requestmirror.internal.capture;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The captured bytes of a body, in chunks that are allocated as the bytes arrive. Written by one
 * capture, then read concurrently by any number of exchanges; the hand-over to the pipelines
 * publishes it safely.
 */
public final class Body {
  /** The first chunk of a body that arrives slowly, in bytes. */
  static final int SMALLEST_CHUNK = 4 << 10;

  /**
   * Small enough that no garbage collector treats it as a humongous object, and that the direct
   * buffer which the JDK allocates to write it to a socket stays small.
   */
  private static final int LARGEST_CHUNK = 256 << 10;

  /** An element of the list of chunks, which may have as many free elements. */
  private static final int CHUNK_PLACE = 8;

  private static final byte[] NONE = {};

  private final List<byte[]> chunks = new ArrayList<>(1);
  private final IntFunction<byte[]> memory;
  private byte[] last = NONE;
  private int lastUsed;
  private long size;
  private long capacity;
  private boolean reencoded;

  public Body() {
    this(byte[]::new);
  }

  /**
   * @param memory allocates the chunks; replaced in tests
   */
  Body(IntFunction<byte[]> memory) {
    this.memory = memory;
  }

  public long size() {
    return size;
  }

  int room() {
    return last.length - lastUsed;
  }

  /**
   * Returns the size of the next chunk. A declared body that arrives at once is one array of
   * exactly its length. Otherwise each chunk doubles the capacity, so that a client gets memory in
   * proportion to the bytes it sends, whatever it declares.
   *
   * @param declared the declared length of the whole body, or -1
   * @param arrived the number of bytes that have arrived and are not in a chunk yet
   */
  int nextChunkSize(long declared, int arrived) {
    long wanted = Math.max(Math.max(SMALLEST_CHUNK, arrived), size);
    if (declared > size) {
      wanted = Math.min(wanted, declared - size);
    }
    return (int) Math.min(wanted, LARGEST_CHUNK);
  }

  void addChunk(int bytes) {
    byte[] chunk = memory.apply(bytes);
    chunks.add(chunk);
    last = chunk;
    lastUsed = 0;
    capacity += bytes;
  }

  /** Returns the memory of a chunk and its place in the list, in bytes. */
  static int chunkWeight(int bytes) {
    return (int) HeapBytes.bytes(bytes) + CHUNK_PLACE;
  }

  /** Returns the size of all chunks, in bytes. */
  long capacity() {
    return capacity;
  }

  void put(byte[] bytes, int offset, int length) {
    System.arraycopy(bytes, offset, last, lastUsed, length);
    lastUsed += length;
    size += length;
  }

  void put(ByteBuffer bytes, int offset, int length) {
    bytes.get(offset, last, lastUsed, length);
    lastUsed += length;
    size += length;
  }

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

  public int chunkCount() {
    return chunks.size();
  }

  /** Returns a new buffer over the bytes of a chunk. */
  public ByteBuffer chunk(int index) {
    byte[] chunk = chunks.get(index);
    int length = index == chunks.size() - 1 ? lastUsed : chunk.length;
    return ByteBuffer.wrap(chunk, 0, length);
  }
}
