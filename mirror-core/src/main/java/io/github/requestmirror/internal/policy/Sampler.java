package io.github.requestmirror.internal.policy;

import io.github.requestmirror.RequestHead;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Selects a fraction of the requests.
 *
 * @param fraction from 0 to 1
 * @param key requests with equal keys get the same choice on every gateway, and a smaller fraction
 *     selects a subset of a larger one; null chooses at random for each request
 */
public record Sampler(double fraction, @Nullable Function<RequestHead, @Nullable String> key) {

  public boolean samples(RequestHead head) {
    if (fraction >= 1) {
      return true;
    }
    if (fraction <= 0) {
      return false;
    }
    if (key == null) {
      return ThreadLocalRandom.current().nextDouble() < fraction;
    }
    String value = key.apply(head);
    return position(value == null ? "" : value) < fraction;
  }

  /**
   * Maps a key to [0, 1): 64-bit FNV-1a over the characters, then the finalizer of MurmurHash3,
   * because FNV's high bits are weak for short keys. Must never change: gateways with different
   * versions must make the same choice.
   */
  static double position(String key) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    hash ^= hash >>> 33;
    return (hash >>> 11) * 0x1.0p-53;
  }
}
