package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.internal.send.Sender;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stops captures and copies while the target, or one scope of it, is unavailable. Evidence is
 * weighed where it belongs:
 *
 * <ul>
 *   <li>A failed connect is the target's and opens the breaker at once, because connecting for each
 *       copy costs more than sending one. A connect that timed out is weighed like other timeouts.
 *   <li>A 5xx, a timeout or a broken connection is first of all the scope's, because clusters limit
 *       and fail by tenant: after ten in a row the scope backs off. The breaker opens after ten in
 *       a row if no other scope has shown within five seconds that the target is available.
 *   <li>Any other response shows that target and scope are available. {@code Retry-After} makes the
 *       scope back off for that time, within a limit.
 * </ul>
 *
 * <p>While open, or while its scope backs off, one request at a time is captured and one copy at a
 * time sent, as a probe. Scopes that have not failed do not wait for the back-off that others
 * caused. With retries on, all requests are captured and wait. Copies that are waiting when the
 * breaker opens keep their place in the order.
 *
 * <p>{@link #admit} and {@link #isUp} may be called by any thread, the other methods only by the
 * dispatcher's.
 */
final class CircuitBreaker {
  private static final int FAILURES_TO_OPEN = 10;
  private static final long RECENT = TimeUnit.SECONDS.toNanos(5);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);

  private final boolean capturesWhileDown;
  private final BackoffDelays delays;
  private final ScopeBackoffs scopes = new ScopeBackoffs();
  private final ProbeSlot slot = new ProbeSlot();
  private volatile boolean up = true;

  /**
   * Whether the back-off had passed at the last {@link #tick}, so that requests which are refused
   * need not read the clock.
   */
  private volatile boolean probeIsDue;

  /** Whether the breaker is open because of a failed connect, which all scopes have in common. */
  private volatile boolean unreachable;

  private int failures;
  private long delay;
  private long openedAt;
  private long probeAt;
  private @Nullable Object probe;
  private boolean hasSucceeded;
  private long lastSuccessAt;
  private @Nullable String lastSuccessScope;

  /**
   * @param capturesWhileDown whether requests are captured while the breaker is open
   */
  CircuitBreaker(boolean capturesWhileDown, BackoffDelays delays) {
    this.capturesWhileDown = capturesWhileDown;
    this.delays = delays;
  }

  boolean isUp() {
    return up;
  }

  /**
   * Returns whether to capture a new request. Allocates nothing if the request is refused.
   *
   * @param clock read only if a probe of the target or the scope may be due
   */
  Admission admit(@Nullable String scope, LongSupplier clock) {
    ScopeBackoff backoff = scopes.find(scope);
    boolean scopeDown = backoff != null && backoff.isBackingOff();
    if (capturesWhileDown || (up && !scopeDown)) {
      return Admission.GRANTED;
    }
    Admission refused = up ? Admission.SCOPE_DOWN : Admission.TARGET_DOWN;
    if (!up && !probeIsDue && (unreachable || backoff != null)) {
      return refused;
    }
    long now = clock.getAsLong();
    if (backoff != null && scopeDown && now - backoff.until() < 0) {
      return refused;
    }
    ProbeSlot ofTarget = up ? null : slot;
    ProbeSlot ofScope = backoff == null || !scopeDown ? null : backoff.slot;
    long targetLease = ofTarget == null ? 0 : ofTarget.take(now);
    if (ofTarget != null && targetLease == 0) {
      return refused;
    }
    long scopeLease = ofScope == null ? 0 : ofScope.take(now);
    if (ofScope != null && scopeLease == 0) {
      if (ofTarget != null) {
        ofTarget.free(targetLease);
      }
      return refused;
    }
    return new Admission(null, ofTarget, targetLease, ofScope, scopeLease);
  }

  /**
   * Lets a request be captured as a probe if the back-off has passed.
   *
   * @return the nanoseconds until the next call is needed; Long.MAX_VALUE if no back-off runs
   */
  long tick(long now) {
    if (up || probeIsDue) {
      return Long.MAX_VALUE;
    }
    if (now - probeAt < 0) {
      return probeAt - now;
    }
    probeIsDue = true;
    return Long.MAX_VALUE;
  }

  /**
   * Returns the nanoseconds until a copy may be sent; Long.MAX_VALUE while a probe is in flight.
   */
  long untilSend(@Nullable String scope, long now) {
    ScopeBackoff backoff = scopes.find(scope);
    long ofScope = backoff == null ? 0 : backoff.untilSend(now);
    if (up) {
      return ofScope;
    }
    if (probe != null) {
      return Long.MAX_VALUE;
    }
    boolean mayProbe = !unreachable && backoff == null;
    return mayProbe ? ofScope : Math.max(ofScope, probeAt - now);
  }

  /** A copy is in flight. */
  void sent(Object copy, @Nullable String scope) {
    if (!up) {
      probe = copy;
    }
    ScopeBackoff backoff = scopes.find(scope);
    if (backoff != null) {
      backoff.sent(copy);
    }
  }

  /** A copy is not in flight any more, for whatever reason. */
  void ended(Object copy, @Nullable String scope) {
    if (probe == copy) {
      probe = null;
    }
    ScopeBackoff backoff = scopes.find(scope);
    if (backoff != null) {
      backoff.ended(copy);
    }
  }

  /**
   * Weighs the result of a copy.
   *
   * @param sentAt when the copy was sent
   */
  void weigh(Sender.Result result, @Nullable String scope, long sentAt, long now) {
    switch (result.outcome()) {
      case ACCEPTED, REJECTED, THROTTLED -> succeeded(scope, now);
      case UNAVAILABLE, TIMEOUT, IO_ERROR, INTERNAL_ERROR -> failed(scope, sentAt, now);
      case CONNECT_FAILED -> {
        if (result.cause() instanceof SocketTimeoutException) {
          failed(scope, sentAt, now);
        } else {
          unreachable = true;
          failures = FAILURES_TO_OPEN;
          open(sentAt, now);
        }
      }
      default -> {
        // Not caused by the target.
      }
    }
    if (!result.retryAfter().isZero()) {
      ScopeBackoff backoff = scopes.failed(scope, now);
      if (backoff != null) {
        boolean isLong = result.retryAfter().compareTo(LONGEST_RETRY_AFTER) > 0;
        Duration pause = isLong ? LONGEST_RETRY_AFTER : result.retryAfter();
        backoff.pauseUntil(now + pause.toNanos(), now);
      }
    }
  }

  private void succeeded(@Nullable String scope, long now) {
    failures = 0;
    delay = 0;
    unreachable = false;
    hasSucceeded = true;
    lastSuccessAt = now;
    lastSuccessScope = scope;
    scopes.succeeded(scope);
    up = true;
  }

  private void failed(@Nullable String scope, long sentAt, long now) {
    ScopeBackoff backoff = scopes.failed(scope, now);
    if (backoff != null && backoff.failed(now) >= FAILURES_TO_OPEN) {
      backoff.backOff(delays, sentAt, now);
    }
    failures = Math.min(failures + 1, FAILURES_TO_OPEN);
    if (failures == FAILURES_TO_OPEN && !(up && anotherScopeSucceeded(scope, now))) {
      open(sentAt, now);
    }
  }

  private boolean anotherScopeSucceeded(@Nullable String scope, long now) {
    return hasSucceeded
        && now - lastSuccessAt < RECENT
        && !Objects.equals(scope, lastSuccessScope)
        && scopes.find(lastSuccessScope) == null;
  }

  /** What was in flight together counts as one failure. */
  private void open(long sentAt, long now) {
    if (!up && sentAt - openedAt <= 0) {
      return;
    }
    delay = delays.next(delay);
    probeAt = now + delays.jittered(delay);
    openedAt = now;
    // In this order, or a request could take the end of an earlier back-off for that of this one.
    probeIsDue = false;
    up = false;
  }
}
