package io.github.requestmirror.internal.capture;

import java.util.Arrays;
import java.util.List;

/** The memory of bodies. Replaced in tests. */
@FunctionalInterface
public interface ChunkMemory {
  /** The heap. */
  ChunkMemory HEAP =
      new ChunkMemory() {
        @Override
        public byte[] allocate(int size) {
          return new byte[size];
        }

        /** Does not fill the array with zeros first, which would take longer than the copy. */
        @Override
        public byte[] copyOf(byte[] bytes, int from, int to) {
          return Arrays.copyOfRange(bytes, from, to);
        }
      };

  /** Returns an array that nothing else uses. */
  byte[] allocate(int size);

  /** Returns such an array with a part of another one. */
  default byte[] copyOf(byte[] bytes, int from, int to) {
    byte[] copy = allocate(to - from);
    System.arraycopy(bytes, from, copy, 0, to - from);
    return copy;
  }

  /**
   * Takes back chunks. Not called for all: the garbage collector takes those of a body whose last
   * user is not known.
   *
   * @param chunks used by nothing any more; the list is not kept
   */
  default void release(List<byte[]> chunks) {}
}
