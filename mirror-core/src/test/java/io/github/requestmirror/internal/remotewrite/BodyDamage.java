package io.github.requestmirror.internal.remotewrite;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages bytes at random places. */
final class BodyDamage {
  private static final byte[] EDGES = {0, 1, 2, 0x0a, 0x12, 0x22, 0x2a, 0x7f, -128, -1, -2};

  private final Random random;
  private final List<byte[]> others;

  /**
   * @param others bytes to take parts from
   */
  BodyDamage(Random random, List<byte[]> others) {
    this.random = random;
    this.others = others;
  }

  /** Returns a copy with one to three damages. */
  byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      damaged = damagedOnce(damaged);
    }
    return damaged;
  }

  private byte[] damagedOnce(byte[] bytes) {
    int from = place(bytes);
    int to = from + Math.min(bytes.length - from, random.nextInt(1 << random.nextInt(9)));
    return switch (random.nextInt(8)) {
      case 0 -> with(bytes, from, (byte) (byteAt(bytes, from) ^ (1 << random.nextInt(8))));
      case 1 -> with(bytes, from, (byte) random.nextInt());
      case 2 -> with(bytes, from, EDGES[random.nextInt(EDGES.length)]);
      case 3 -> joined(Arrays.copyOf(bytes, from), tail(bytes, to));
      case 4 -> joined(Arrays.copyOf(bytes, to), tail(bytes, from));
      case 5 -> joined(Arrays.copyOf(bytes, from), noise(), tail(bytes, from));
      case 6 -> joined(Arrays.copyOf(bytes, from), part(), tail(bytes, to));
      default -> Arrays.copyOf(bytes, from);
    };
  }

  /** Returns an index. The first bytes are more likely than others. */
  private int place(byte[] bytes) {
    int limit = random.nextInt(3) == 0 ? Math.min(bytes.length, 20) : bytes.length;
    return random.nextInt(limit + 1);
  }

  private static byte byteAt(byte[] bytes, int index) {
    return index < bytes.length ? bytes[index] : 0;
  }

  private static byte[] with(byte[] bytes, int index, byte value) {
    if (index < bytes.length) {
      bytes[index] = value;
    }
    return bytes;
  }

  private byte[] noise() {
    byte[] noise = new byte[1 + random.nextInt(12)];
    if (random.nextBoolean()) {
      random.nextBytes(noise);
    } else {
      Arrays.fill(noise, EDGES[random.nextInt(EDGES.length)]);
    }
    return noise;
  }

  private byte[] part() {
    byte[] other = others.get(random.nextInt(others.size()));
    int from = random.nextInt(other.length);
    return Arrays.copyOfRange(
        other, from, from + random.nextInt(Math.min(200, other.length - from)));
  }

  private static byte[] tail(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }
}
