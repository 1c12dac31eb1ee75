package io.github.requestmirror.internal.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.RequestHead;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Bodies that a client makes to cost memory or time. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class RemoteWriteBoundsTest {
  private static final int LIMIT = RemoteWriteKeys.MAX_BYTES;
  private static final int MAX_MESSAGE = LIMIT - SnappyBlock.BUFFER_BYTES;

  /** Head, reader and so on. */
  private static final int SMALL = 16 << 10;

  private static final RemoteWriteKeys KEYS = new RemoteWriteKeys(1);

  private long allocated;
  private int keys;

  /** Loading classes allocates, too. */
  @BeforeEach
  void load() throws Exception {
    for (Schema schema : Schema.values()) {
      assertThat(isKnown(schema, new byte[1])).isTrue();
    }
  }

  /** Returns whether the keys of a body are known, counts them and what that allocates. */
  private boolean isKnown(Schema schema, byte[] body) throws Exception {
    InputStream in = new ByteArrayInputStream(body);
    RequestHead head = RemoteWriteKeysTest.head(schema);
    keys = 0;
    AllocationMeter meter = new AllocationMeter();
    boolean known = KEYS.keys(head, in, key -> keys++);
    allocated = meter.bytes();
    return known;
  }

  /** The tests are compiled as part of the module, which does not require java.management. */
  private static final class AllocationMeter {
    private final Object threads =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getThreadMXBean")
            .invoke(null);
    private final Method allocatedBytes =
        Class.forName("com.sun.management.ThreadMXBean")
            .getMethod("getCurrentThreadAllocatedBytes");
    private final long before;

    private AllocationMeter() throws ReflectiveOperationException {
      before = total();
    }

    private long bytes() throws ReflectiveOperationException {
      return total() - before;
    }

    private long total() throws ReflectiveOperationException {
      return (Long) allocatedBytes.invoke(threads);
    }
  }

  /** Returns a block with a length and elements that give one byte after another. */
  private static byte[] bomb(long length, int elements) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    long rest = length;
    for (; rest > 0x7f; rest >>>= 7) {
      block.write((int) (rest & 0x7f) | 0x80);
    }
    block.write((int) rest);
    block.writeBytes(new byte[] {0, 0x0a});
    for (int i = 0; i < elements; i++) {
      // Copies 64 bytes.
      block.writeBytes(new byte[] {(byte) 0xfe, 1, 0});
    }
    return block.toByteArray();
  }

  @Test
  void declaredLengthAboveTheLimitAllocatesNothing() throws Exception {
    for (long length : new long[] {MAX_MESSAGE + 1, LIMIT, 1L << 31, (1L << 32) - 1}) {
      assertThat(isKnown(Schema.V1, bomb(length, 100_000))).isFalse();
      assertThat(allocated).as("bytes for %s", length).isLessThan(SMALL + SnappyBlock.BUFFER_BYTES);
    }
  }

  @Test
  void fewBytesThatDeclareManyAllocateNothing() throws Exception {
    for (int elements : new int[] {1, 1000, MAX_MESSAGE / 70}) {
      assertThat(isKnown(Schema.V1, bomb(MAX_MESSAGE, elements))).isFalse();
      assertThat(allocated)
          .as("bytes for %s elements", elements)
          .isLessThan(SMALL + SnappyBlock.BUFFER_BYTES);
    }
  }

  @Test
  void snappyBombAllocatesNoMoreThanTheLimit() throws Exception {
    assertThat(isKnown(Schema.V1, bomb(MAX_MESSAGE, MAX_MESSAGE / 64 + 1))).isFalse();
    assertThat(allocated).isLessThan(LIMIT + SMALL);
  }

  @Test
  void messageOfTheLimitIsKnown_andOneByteMoreIsNot() throws Exception {
    // A tag and four bytes of length are before the content.
    byte[] metadata = new ProtoWriter().bytes(3, new byte[MAX_MESSAGE - 5]).toByteArray();
    assertThat(metadata).hasSize(MAX_MESSAGE);
    assertThat(isKnown(Schema.V1, Messages.compressed(metadata))).isTrue();
    assertThat(allocated).isBetween((long) LIMIT, (long) LIMIT + SMALL);
    byte[] more = new ProtoWriter().bytes(3, new byte[MAX_MESSAGE - 4]).toByteArray();
    assertThat(isKnown(Schema.V1, Messages.compressed(more))).isFalse();
  }

  @Test
  void emptySeriesTakeNoMemory() throws Exception {
    byte[] message = new byte[MAX_MESSAGE];
    for (int i = 0; i < message.length; i += 2) {
      message[i] = 0x0a;
    }
    assertThat(isKnown(Schema.V1, Messages.compressed(message))).isTrue();
    assertThat(allocated).isLessThan(LIMIT + SMALL);
    assertThat(keys).isEqualTo(MAX_MESSAGE / 2);
  }

  @Test
  void symbolsCountAgainstTheLimit() throws Exception {
    for (int tooMany : new int[] {1_000_000, 450_000}) {
      assertThat(isKnown(Schema.V2, symbols(tooMany, "", new byte[0]))).isFalse();
      assertThat(allocated).isLessThan(LIMIT + SMALL);
    }
    assertThat(isKnown(Schema.V2, symbols(400_000, "", new byte[0]))).isTrue();
    assertThat(allocated).isLessThan(LIMIT + SMALL);
  }

  @Test
  void longSymbolWithManyReferencesIsHashedOnce() throws Exception {
    byte[] refs = new byte[2_000_000];
    Arrays.fill(refs, (byte) 1);
    assertThat(isKnown(Schema.V2, symbols(1, "x".repeat(2_000_000), refs))).isTrue();
    assertThat(allocated).isLessThan(LIMIT + SMALL);
    assertThat(keys).isEqualTo(1);
  }

  @Test
  void repeatedNameOfALabelIsHashedOnce() throws Exception {
    ProtoWriter label = new ProtoWriter();
    for (int i = 0; i < 400_000; i++) {
      label.string(1, "").string(2, "value");
    }
    ProtoWriter request = new ProtoWriter().message(1, new ProtoWriter().message(1, label));
    assertThat(isKnown(Schema.V1, Messages.compressed(request.toByteArray()))).isTrue();
    assertThat(allocated).isLessThan(LIMIT + SMALL);
    assertThat(keys).isEqualTo(1);
  }

  /** Returns a body with empty strings, another one, and a series with references. */
  private static byte[] symbols(int empty, String last, byte[] refs) {
    ProtoWriter request = new ProtoWriter();
    for (int i = 0; i < empty; i++) {
      request.string(4, "");
    }
    return Messages.compressed(
        request.string(4, last).message(5, new ProtoWriter().bytes(1, refs)).toByteArray());
  }
}
