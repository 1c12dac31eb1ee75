package io.github.requestmirror.internal.remotewrite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeriesHashTest {
  private static final SeriesHash HASH = new SeriesHash(1);

  private static long hash(String string) {
    byte[] bytes = string.getBytes(UTF_8);
    return HASH.ofString(bytes, 0, bytes.length);
  }

  private static long hash(SeriesHash hash, String... labels) {
    long series = hash.start();
    for (int i = 0; i < labels.length; i += 2) {
      byte[] name = labels[i].getBytes(UTF_8);
      byte[] value = labels[i + 1].getBytes(UTF_8);
      series =
          hash.withLabel(
              series, hash.ofString(name, 0, name.length), hash.ofString(value, 0, value.length));
    }
    return series;
  }

  @Test
  void everyBitOfAStringChangesHalfOfTheHash() {
    Random random = new Random(7);
    for (int length = 1; length <= 80; length++) {
      long changed = 0;
      int cases = 0;
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      for (int round = 0; round < 50; round++) {
        for (int bit = 0; bit < 8 * length; bit++) {
          long before = HASH.ofString(bytes, 0, length);
          bytes[bit / 8] ^= (byte) (1 << (bit % 8));
          long after = HASH.ofString(bytes, 0, length);
          assertThat(after).as("length %s, bit %s", length, bit).isNotEqualTo(before);
          changed += Long.bitCount(before ^ after);
          cases++;
        }
      }
      assertThat((double) changed / cases).as("length %s", length).isBetween(31.0, 33.0);
    }
  }

  @Test
  void everyBitOfTheHashChangesAsOftenAsNot() {
    int[] changes = new int[Long.SIZE];
    int cases = 20_000;
    for (int i = 0; i < cases; i++) {
      long difference = hash("instance-" + i) ^ hash("instance-" + (i + 1));
      for (int bit = 0; bit < Long.SIZE; bit++) {
        changes[bit] += (int) ((difference >>> bit) & 1);
      }
    }
    // Ten standard deviations are 707.
    assertThat(Arrays.stream(changes).boxed())
        .allSatisfy(n -> assertThat(n).isBetween(9293, 10707));
  }

  @Test
  void doesNotDependOnThePlaceInTheArray() {
    Random random = new Random(3);
    for (int length = 0; length <= 100; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      byte[] around = new byte[length + 40];
      for (int offset = 0; offset <= 40; offset++) {
        random.nextBytes(around);
        System.arraycopy(bytes, 0, around, offset, length);
        assertThat(HASH.ofString(around, offset, length))
            .isEqualTo(HASH.ofString(bytes, 0, length));
      }
    }
  }

  @Test
  void stringsOfZerosDifferByLength() {
    Set<Long> hashes = new HashSet<>();
    byte[] zeros = new byte[1000];
    for (int length = 0; length <= 1000; length++) {
      hashes.add(HASH.ofString(zeros, 0, length));
    }
    assertThat(hashes).hasSize(1001);
  }

  @Test
  void similarSeriesDiffer() {
    Set<Long> hashes = new HashSet<>();
    Set<Long> low = new HashSet<>();
    for (int pod = 0; pod < 300; pod++) {
      for (int le = 0; le < 300; le++) {
        long hash =
            hash(
                HASH,
                "__name__",
                "http_request_duration_seconds_bucket",
                "le",
                "" + le,
                "pod",
                "shop-" + pod);
        hashes.add(hash);
        low.add(hash & 0xffff);
      }
    }
    assertThat(hashes).hasSize(90_000);
    // Of 65,536 values 90,000 random ones hit 48,936, with a standard deviation of 83.
    assertThat(low.size()).isBetween(48_100, 49_800);
  }

  @Test
  void sameCharactersInOtherLabelsAreAnotherSeries() {
    assertThat(
            new HashSet<>(
                Arrays.asList(
                    hash(HASH),
                    hash(HASH, "", ""),
                    hash(HASH, "", "", "", ""),
                    hash(HASH, "a", "b"),
                    hash(HASH, "b", "a"),
                    hash(HASH, "ab", ""),
                    hash(HASH, "", "ab"),
                    hash(HASH, "a", "b", "c", "d"),
                    hash(HASH, "c", "d", "a", "b"),
                    hash(HASH, "a", "d", "c", "b"),
                    hash(HASH, "a", "b", "a", "b"),
                    hash(HASH, "a", "bc", "d", ""))))
        .hasSize(12);
  }

  @Test
  void seedChangesTheHash() {
    SeriesHash other = new SeriesHash(2);
    assertThat(hash(other, "a", "b")).isNotEqualTo(hash(HASH, "a", "b"));
    assertThat(hash(other)).isNotEqualTo(hash(HASH));
    assertThat(hash(new SeriesHash(1), "a", "b")).isEqualTo(hash(HASH, "a", "b"));
  }
}
