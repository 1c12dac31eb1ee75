package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ChunkPoolTest {
  private static final long BUFFER = 64 << 20;

  private final ChunkPool pool = new ChunkPool(BUFFER);

  private static byte[] chunk() {
    return new byte[ChunkPool.CHUNK];
  }

  @Test
  void returnsTheChunkThatWasReleasedLast() {
    byte[] first = chunk();
    byte[] second = chunk();
    pool.release(List.of(first, second));
    assertThat(pool.allocate(ChunkPool.CHUNK)).isSameAs(second);
    assertThat(pool.allocate(ChunkPool.CHUNK)).isSameAs(first);
    assertThat(pool.allocate(ChunkPool.CHUNK)).isNotSameAs(first).isNotSameAs(second);
  }

  @Test
  void copiesIntoAReleasedChunk() {
    byte[] released = chunk();
    pool.release(List.of(released));
    byte[] bytes = new byte[ChunkPool.CHUNK + 2];
    Arrays.fill(bytes, 1, bytes.length - 1, (byte) 7);
    byte[] copy = pool.copyOf(bytes, 1, bytes.length - 1);
    assertThat(copy).isSameAs(released).containsOnly(7);
    assertThat(pool.copyOf(bytes, 1, bytes.length - 1)).isNotSameAs(released).containsOnly(7);
    assertThat(pool.copyOf(bytes, 0, 2)).containsExactly(0, 7);
  }

  @Test
  void keepsNoOtherSizes() {
    byte[] small = new byte[100];
    pool.release(List.of(small, new byte[ChunkPool.CHUNK + 1]));
    assertThat(pool.allocate(100)).isNotSameAs(small).hasSize(100);
    assertThat(pool.allocate(ChunkPool.CHUNK)).hasSize(ChunkPool.CHUNK);
  }

  /** It keeps a sixteenth of the buffer, and 4 MiB at most. */
  @Test
  void isBounded() {
    assertThat(kept(new ChunkPool(64 << 10))).isZero();
    assertThat(kept(new ChunkPool(1 << 20))).isEqualTo(4);
    assertThat(kept(new ChunkPool(BUFFER))).isEqualTo(256);
    assertThat(kept(new ChunkPool(64L << 30))).isEqualTo(256);
  }

  private static int kept(ChunkPool pool) {
    List<byte[]> released = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      released.add(chunk());
    }
    pool.release(released);
    int kept = 0;
    while (released.contains(pool.allocate(ChunkPool.CHUNK))) {
      kept++;
    }
    return kept;
  }

  /** Each thread marks the chunks that it holds, and finds its marks until it releases them. */
  @Test
  void givesNoChunkToTwoThreads() {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      byte mark = (byte) i;
      threads.add(
          CompletableFuture.runAsync(() -> takeAndRelease(mark), run -> new Thread(run).start()));
    }
    threads.forEach(CompletableFuture::join);
  }

  private void takeAndRelease(byte mark) {
    for (int i = 0; i < 20_000; i++) {
      List<byte[]> held = new ArrayList<>();
      for (int taken = 0; taken <= i % 3; taken++) {
        byte[] chunk = pool.allocate(ChunkPool.CHUNK);
        chunk[0] = mark;
        chunk[ChunkPool.CHUNK - 1] = mark;
        held.add(chunk);
      }
      for (byte[] chunk : held) {
        assertThat(chunk[0]).isEqualTo(mark);
        assertThat(chunk[ChunkPool.CHUNK - 1]).isEqualTo(mark);
      }
      pool.release(held);
    }
  }
}
