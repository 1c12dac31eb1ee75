package io.github.requestmirror.internal.capture;

/**
 * The memory that objects take on the heap, in bytes, as in a 64-bit JVM with compressed
 * references. With larger references (a heap above 32 GiB) they take more, at most twice as much.
 */
public final class HeapBytes {
  private static final int OBJECT_HEADER = 12;
  private static final int ARRAY_HEADER = 16;
  private static final int REFERENCE = 4;

  /** The most elements of an array of header fields that are not used. */
  public static final int UNUSED_REFERENCES = 12;

  private HeapBytes() {}

  /** Returns the memory of an object whose fields take so many bytes; a reference takes 4. */
  public static long object(int fields) {
    return aligned(OBJECT_HEADER + fields);
  }

  /** Returns the memory of an array of references, without what they refer to. */
  public static long references(int length) {
    return aligned(ARRAY_HEADER + (long) REFERENCE * length);
  }

  /** Returns the memory of an array of bytes. */
  public static long bytes(int length) {
    return aligned(ARRAY_HEADER + (long) length);
  }

  /**
   * Returns the memory of a string in ISO-8859-1, which heads are in. An empty string is taken for
   * the constant.
   */
  public static long string(String string) {
    return string.isEmpty() ? 0 : object(REFERENCE + Integer.BYTES + 2) + bytes(string.length());
  }

  private static long aligned(long bytes) {
    return (bytes + 7) & ~7L;
  }
}
