package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.capture.ChunkMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memory that may be short, and that is overwritten when it is released, as if another request used
 * it.
 *
 * @param failures decides when there is no memory; null while there always is
 */
record SimulatedMemory(Supplier<@Nullable Random> failures) implements ChunkMemory {
  @Override
  public byte[] allocate(int size) {
    SimulatedTarget.allocate(failures.get());
    return new byte[size];
  }

  @Override
  public void release(List<byte[]> chunks) {
    for (byte[] chunk : chunks) {
      Arrays.fill(chunk, (byte) 0xdd);
    }
  }
}
