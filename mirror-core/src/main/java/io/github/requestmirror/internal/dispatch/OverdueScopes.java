package io.github.requestmirror.internal.dispatch;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The scopes with a request whose body did not end although the primary had responded long ago. Of
 * more scopes than fit, only the latest are known. Confined to the dispatcher's thread.
 */
final class OverdueScopes {
  private static final int MAX_SCOPES = 1000;
  private static final long FORGET_AFTER = TimeUnit.MINUTES.toNanos(1);

  /** When it was seen last, the oldest first. */
  private final Map<Object, Long> seenAt = new LinkedHashMap<>();

  void add(@Nullable String scope, long now) {
    try {
      Object key = ScopeBackoffs.key(scope);
      seenAt.remove(key);
      if (seenAt.size() >= MAX_SCOPES) {
        Iterator<Long> oldest = seenAt.values().iterator();
        oldest.next();
        oldest.remove();
      }
      seenAt.put(key, now);
    } catch (OutOfMemoryError e) {
      // Copies of this scope will wait for longer once more.
    }
  }

  boolean contains(@Nullable String scope, long now) {
    Long seen = seenAt.isEmpty() ? null : seenAt.get(ScopeBackoffs.key(scope));
    return seen != null && now - seen < FORGET_AFTER;
  }

  void remove(@Nullable String scope) {
    if (!seenAt.isEmpty()) {
      seenAt.remove(ScopeBackoffs.key(scope));
    }
  }
}
