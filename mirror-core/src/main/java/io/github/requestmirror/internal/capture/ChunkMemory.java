package io.github.requestmirror.internal.capture;

import java.util.Arrays;

/** Allocates the chunks of a body. Replaced in tests. */
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

  /** Returns a new array. */
  byte[] allocate(int size);

  /** Returns a new array with a part of another one. */
  default byte[] copyOf(byte[] bytes, int from, int to) {
    byte[] copy = allocate(to - from);
    System.arraycopy(bytes, from, copy, 0, to - from);
    return copy;
  }
}
