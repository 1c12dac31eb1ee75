package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.capture.ChunkMemory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memory that may be short. What is released is overwritten and used for the next body, so that no
 * wrong use of it remains unnoticed.
 */
final class SimulatedMemory implements ChunkMemory {
  private final Supplier<@Nullable Random> failures;
  private final Map<Integer, Deque<byte[]>> released = new HashMap<>();

  /**
   * @param failures decides when there is no memory; null while there always is
   */
  SimulatedMemory(Supplier<@Nullable Random> failures) {
    this.failures = failures;
  }

  @Override
  public byte[] allocate(int size) {
    SimulatedTarget.allocate(failures.get());
    byte[] chunk = ofSize(size).pollLast();
    return chunk == null ? new byte[size] : chunk;
  }

  @Override
  public void release(List<byte[]> chunks) {
    for (byte[] chunk : chunks) {
      Arrays.fill(chunk, (byte) 0xdd);
      ofSize(chunk.length).addLast(chunk);
    }
  }

  private Deque<byte[]> ofSize(int size) {
    return released.computeIfAbsent(size, key -> new ArrayDeque<>());
  }
}
