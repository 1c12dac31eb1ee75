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

  /** Clients choose the names, and a thousand long ones would take much memory. */
  private static final int LONGEST_NAME = 128;

  /** The key of requests without a scope. */
  private static final Object NO_SCOPE = new Object();

  private final ConcurrentHashMap<Object, ScopeBackoff> failing = new ConcurrentHashMap<>();

  /** Returns what identifies a scope: its name or, for a long name, a hash. */
  static Object key(@Nullable String scope) {
    if (scope == null) {
      return NO_SCOPE;
    }
    return scope.length() <= LONGEST_NAME ? scope : (Object) scope.hashCode();
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
