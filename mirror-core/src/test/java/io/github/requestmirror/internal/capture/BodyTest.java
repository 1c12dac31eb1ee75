package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.Wire;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
  private final List<byte[]> released = new ArrayList<>();

  private final Body body =
      new Body(
          new ChunkMemory() {
            @Override
            public byte[] allocate(int size) {
              return new byte[size];
            }

            @Override
            public void release(List<byte[]> chunks) {
              released.addAll(chunks);
            }
          });

  private void append(byte[] bytes, int piece, long declared) {
    append(body, bytes, piece, declared);
  }

  private static void append(Body body, byte[] bytes, int piece, long declared) {
    for (int from = 0; from < bytes.length; ) {
      int arrived = Math.min(piece, bytes.length - from);
      for (int done = 0; done < arrived; ) {
        int chunk = body.room() > 0 ? 0 : body.nextChunkSize(declared, arrived - done);
        done += body.append(bytes, from + done, arrived - done, chunk);
      }
      from += arrived;
    }
  }

  @Test
  void releasesItsMemoryAfterTheLastUser() {
    append(new byte[40_000], 4096, 40_000);
    body.handOver(2);
    body.retain();
    body.release();
    body.release();
    assertThat(released).isEmpty();
    body.release();
    assertThat(released.stream().mapToInt(chunk -> chunk.length).sum())
        .isEqualTo(body.capacity())
        .isGreaterThanOrEqualTo(40_000);
  }

  /** Another thread may still add a byte to the room, which must not be part of another body. */
  @Test
  void keepsMemoryThatMayBeWrittenTo() {
    append(new byte[10], 10, -1);
    body.openRoom(100);
    body.handOver(1);
    body.release();
    assertThat(released).isEmpty();
  }

  @Test
  void keepsMemoryThatWasDropped() {
    append(new byte[20_000], 20_000, -1);
    body.clear();
    body.handOver(1);
    body.release();
    assertThat(released).isEmpty();
  }

  @Test
  void cannotBeReadAfterItsMemoryWasReleased() {
    append(new byte[20_000], 20_000, -1);
    body.handOver(1);
    body.release();
    ByteBuffer into = ByteBuffer.allocate(20_000);
    assertThatThrownBy(() -> body.copyTo(into, 0)).isInstanceOf(IllegalStateException.class);
    assertThat(into.position()).isZero();
  }

  @Test
  void closedStreamHasNoBytes() throws Exception {
    append(new byte[20_000], 20_000, -1);
    InputStream stream = body.inputStream();
    assertThat(stream.read()).isZero();
    stream.close();
    assertThat(stream.read()).isEqualTo(-1);
    assertThat(stream.available()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "16384, 4096, true, 16384",
    "16384, 4096, false, 4096 4096 4096 4096",
    "16384, 500, true, 4096 16384",
    "16384, 1024, true, 1024 1024 1024 16384",
    "16384, 4095, true, 4095 16384",
    "8192, 4096, true, 4096 4096",
    "12288, 4096, true, 16384",
    "12287, 4096, true, 4096 4096 4095",
    "20000, 20000, false, 16384 3616",
    "40000, 10000, true, 16384 16384 7232",
    "100, 100, true, 100",
    "131072, 4096, true, 16384 16384 16384 16384 16384 16384 16384 16384"
  })
  void takesPooledChunksIfTheyAreMostlyUsed(int size, int piece, boolean declared, String chunks) {
    append(new byte[size], piece, declared ? size : -1);
    body.handOver(1);
    body.release();
    String sizes =
        released.stream().map(chunk -> "" + chunk.length).reduce("", (a, b) -> a + " " + b);
    assertThat(sizes.strip()).isEqualTo(chunks);
  }

  /** See "sizing the buffer" in the guide to monitoring. */
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1024, 4096, 8000, 16_384, 60_000})
  void takesLittleMoreMemoryThanItsBytes(int piece) {
    for (int size = 1; size < 3_000_000; size = size * 5 / 4 + 1) {
      for (long declared : new long[] {-1, size}) {
        Body body = new Body();
        append(body, new byte[size], piece, declared);
        assertThat(body.capacity())
            .as("%s bytes, declared %s", size, declared)
            .isLessThanOrEqualTo(size + size * 6L / 100 + 4096);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "5000, 999", "16384, 16384", "70000, 8192", "70000, 100000"})
  void putsAllBytesInParts(int size, int part) {
    byte[] bytes = Wire.bytes(size, 3);
    append(bytes, 4096, -1);
    ByteBuffer all = ByteBuffer.allocate(size);
    boolean complete;
    do {
      ByteBuffer into = ByteBuffer.allocate(part);
      complete = body.copyTo(into, all.position());
      all.put(into.flip());
    } while (!complete && all.hasRemaining());
    assertThat(complete).isTrue();
    assertThat(all.array()).isEqualTo(bytes);
  }
}
