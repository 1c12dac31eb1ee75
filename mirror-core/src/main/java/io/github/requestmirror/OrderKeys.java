package io.github.requestmirror;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/**
 * Reads from a request what it changes, so that only copies that change the same thing wait for
 * each other.
 *
 * <p>Two requests of a scope keep their order if their keys have a value in common, and may
 * overtake each other if not. A key is a hash of the name of something that the request changes,
 * for example of the labels of a time series. Equal things must have equal keys in every request.
 * Different things with equal keys cost concurrency, never order. Values should be spread evenly
 * over all 64 bits.
 *
 * <p>Called only for copies that wait for their turn, on a thread of the target ({@code
 * mirror-NAME-keys}) that is neither the primary's nor the one that sends. Each target makes one
 * call at a time, but several targets may call the same object at the same time, so it must be
 * thread-safe; best it has no state. A call must take a bounded time whatever the body holds, and
 * may use up to 4 MiB of memory until it returns. Exceptions are caught.
 */
@FunctionalInterface
public interface OrderKeys {

  /**
   * Passes the keys of a request to a consumer, in any order. The same key may be passed several
   * times. The arguments must not be used after the call.
   *
   * @param head the request's head as received
   * @param body the complete body as received, not decoded; {@code available()} returns the number
   *     of all bytes that are left; need not be read to its end nor closed
   * @param key receives each key
   * @return whether the keys passed are all that the request has. If there are none, it keeps its
   *     order only with requests of unknown keys. False if the keys are unknown: the request keeps
   *     its order with all requests of its scope, and the keys passed so far are ignored.
   * @throws IOException when the body cannot be read; its keys are then unknown, as after any other
   *     exception
   */
  boolean keys(RequestHead head, InputStream body, LongConsumer key) throws IOException;
}
