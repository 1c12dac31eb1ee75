package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.RequestHead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A function that derives keys from the number in a body: the same for every call, few different
 * ones, and none that can be read for some bodies. Fails without memory.
 */
final class SimulatedKeys implements OrderKeys {
  private final int distinct;
  private final int perBody;
  private final Set<Integer> read = new HashSet<>();
  private @Nullable Random failures;
  private boolean failed;

  SimulatedKeys(Random random) {
    distinct = 2 + random.nextInt(40);
    perBody = random.nextInt(8) == 0 ? 30 : 3;
  }

  /** From now on some calls find no memory; null ends that. */
  void failWith(@Nullable Random failures) {
    this.failures = failures;
  }

  /** Returns whether a call has found no memory since the last call of this method. */
  boolean hasFailed() {
    boolean result = failed;
    failed = false;
    return result;
  }

  boolean hasRead(byte[] body) {
    return body.length < Integer.BYTES || read.contains(ByteBuffer.wrap(body).getInt());
  }

  /** Returns whether few enough keys are known that the limit of their memory is not reached. */
  boolean areFew() {
    return perBody == 3;
  }

  /** Returns the keys of a body, or null if they cannot be read. */
  @Nullable Set<Long> of(byte[] body) {
    int number = body.length < Integer.BYTES ? 0 : ByteBuffer.wrap(body).getInt();
    if (body.length < Integer.BYTES || number % 9 == 0) {
      return null;
    }
    Random random = new Random(number);
    Set<Long> keys = new HashSet<>();
    for (int i = random.nextInt(perBody + 1); i > 0; i--) {
      keys.add((long) random.nextInt(distinct));
    }
    return keys;
  }

  @Override
  public boolean keys(RequestHead head, InputStream body, LongConsumer key) throws IOException {
    try {
      SimulatedTarget.allocate(failures);
    } catch (SimulatedTarget.SimulatedOutOfMemory e) {
      failed = true;
      throw new OutOfMemoryError("no memory, on purpose");
    }
    byte[] bytes = body.readAllBytes();
    if (bytes.length >= Integer.BYTES) {
      read.add(ByteBuffer.wrap(bytes).getInt());
    }
    Set<Long> keys = of(bytes);
    if (keys == null) {
      key.accept(Arrays.hashCode(bytes));
      if (bytes.length % 2 == 0) {
        throw new IllegalStateException("the keys failed on purpose");
      }
      return false;
    }
    keys.forEach(key::accept);
    keys.forEach(key::accept);
    return true;
  }
}
