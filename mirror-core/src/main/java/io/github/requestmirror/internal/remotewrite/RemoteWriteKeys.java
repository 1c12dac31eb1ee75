package io.github.requestmirror.internal.remotewrite;

import io.github.requestmirror.OrderKeys;
import io.github.requestmirror.RequestHead;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.function.LongConsumer;

/**
 * The series of a remote-write body, as hashes of their labels. Reads versions 1.0 and 2.0, which
 * have the same key for the same labels in the same order. A body that is not valid, has a content
 * that is not known here, or needs more than 4 MiB is unknown. Immutable.
 *
 * <p>The time is linear in the size of the body and of its content, which is limited: what a body
 * refers to many times is hashed once.
 */
public final class RemoteWriteKeys implements OrderKeys {
  /** The maximum size of everything that a call allocates. */
  static final int MAX_BYTES = 4 << 20;

  /** One for the JVM, so that keys of different instances can be compared. */
  private static final long RANDOM_SEED = new SecureRandom().nextLong();

  private final SeriesHash hash;

  /** Creates an instance with the seed of this JVM. */
  public RemoteWriteKeys() {
    this(RANDOM_SEED);
  }

  RemoteWriteKeys(long seed) {
    hash = new SeriesHash(seed);
  }

  @Override
  public boolean keys(RequestHead head, InputStream body, LongConsumer key) throws IOException {
    Schema schema = Schema.of(head);
    if (schema == null) {
      return false;
    }
    byte[] message = SnappyBlock.decode(body, MAX_BYTES - SnappyBlock.BUFFER_BYTES);
    if (message == null) {
      return false;
    }
    return switch (schema) {
      case V1 -> new WriteRequestV1(message, hash).keys(key);
      case V2 -> {
        int left = MAX_BYTES - SnappyBlock.BUFFER_BYTES - message.length;
        yield new WriteRequestV2(message, hash, left / Long.BYTES).keys(key);
      }
    };
  }
}
