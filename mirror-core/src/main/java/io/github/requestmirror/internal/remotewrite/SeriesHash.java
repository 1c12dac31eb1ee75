package io.github.requestmirror.internal.remotewrite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Hashes the labels of a series to 64 bits with a secret seed. Names and values are hashed one by
 * one and then combined, so that a string which many series refer to need not be hashed again.
 *
 * <p>The building block multiplies two words to 128 bits and folds them. Each factor contains a
 * secret, so that a client cannot choose bytes that make it zero.
 */
final class SeriesHash {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long secret0;
  private final long secret1;
  private final long secret2;
  private final long secret3;

  SeriesHash(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    secret0 = random.nextLong();
    secret1 = random.nextLong();
    secret2 = random.nextLong();
    secret3 = random.nextLong();
  }

  /** Returns the hash of a series without labels. */
  long start() {
    return secret3;
  }

  /**
   * Returns the hash of a series with one more label.
   *
   * @param series the hash without the label
   * @param name the hash of the label's name
   * @param value the hash of the label's value
   */
  long withLabel(long series, long name, long value) {
    return fold(series ^ name ^ secret1, value ^ secret2);
  }

  /** Returns the hash of a string. */
  long ofString(byte[] bytes, int offset, int length) {
    int end = offset + length;
    long hash = secret0;
    long first;
    long last;
    if (length >= 16) {
      for (int i = offset; i < end - 16; i += 16) {
        hash = fold(longAt(bytes, i) ^ secret1, longAt(bytes, i + 8) ^ hash);
      }
      // May contain bytes twice, which is shorter than a loop over the rest.
      first = longAt(bytes, end - 16);
      last = longAt(bytes, end - 8);
    } else if (length >= 8) {
      first = longAt(bytes, offset);
      last = longAt(bytes, end - 8);
    } else if (length >= 4) {
      first = intAt(bytes, offset);
      last = intAt(bytes, end - 4);
    } else if (length > 0) {
      first = byteAt(bytes, offset) << 8 | byteAt(bytes, offset + length / 2);
      last = byteAt(bytes, end - 1);
    } else {
      first = 0;
      last = 0;
    }
    hash = fold(first ^ secret1, last ^ hash);
    return fold(hash ^ secret2, length ^ secret3);
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.multiplyHigh(a, b);
  }

  private static long longAt(byte[] bytes, int offset) {
    return (long) LONGS.get(bytes, offset);
  }

  private static long byteAt(byte[] bytes, int offset) {
    return bytes[offset] & 0xff;
  }

  private static long intAt(byte[] bytes, int offset) {
    return (int) INTS.get(bytes, offset);
  }
}
