package io.github.requestmirror.internal.dispatch;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The scopes whose last copy failed. Bounded: of more scopes than fit, only those are known that
 * failed first; the others count for the target alone. Any thread looks up, the dispatcher's
 * changes.
 */
final class ScopeBackoffs {
  private static final int MAX_SCOPES = 10_000;
  private static final long FORGET_AFTER = TimeUnit.MINUTES.toNanos(1);

  /** The key of requests without a scope. */
  private static final Object NO_SCOPE = new Object();

  private final ConcurrentHashMap<Object, ScopeBackoff> failing = new ConcurrentHashMap<>();

  private static Object key(@Nullable String scope) {
    return scope == null ? NO_SCOPE : scope;
  }

  /** Returns the state of a scope whose last copy failed, or null. */
  @Nullable ScopeBackoff find(@Nullable String scope) {
    return failing.isEmpty() ? null : failing.get(key(scope));
  }

  /** Returns the state of a scope whose copy has failed; null if there are too many such scopes. */
  @Nullable ScopeBackoff failed(@Nullable String scope, long now) {
    ScopeBackoff known = failing.get(key(scope));
    if (known != null) {
      return known;
    }
    if (failing.size() >= MAX_SCOPES) {
      failing.values().removeIf(backoff -> now - backoff.lastFailureAt() > FORGET_AFTER);
      if (failing.size() >= MAX_SCOPES) {
        return null;
      }
    }
    ScopeBackoff added = new ScopeBackoff();
    failing.put(key(scope), added);
    return added;
  }

  void succeeded(@Nullable String scope) {
    if (!failing.isEmpty()) {
      failing.remove(key(scope));
    }
  }
}
