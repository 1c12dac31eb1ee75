package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.internal.ordering.Ticket.State;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides which copies may be sent next. Confined to one thread, which receives the events of all
 * copies in a causal order: the event of a primary's response comes before the capture event of
 * every request that a client sent after receiving that response.
 *
 * <p>The rule of {@link MirrorOrder#CAUSAL}, within a scope: a copy waits for every unfinished copy
 * whose request was responded to before this copy was captured, if the two have a key in common or
 * the keys of one are unknown. In this class "response" means the primary's response. Two parts
 * apply the rule; a copy may be sent when either permits it.
 *
 * <p><b>The causal part</b> knows no keys. Responses are numbered. The watermark of a copy is the
 * number of responses at the time of its capture. The unfinished copies with a response form a
 * list, sorted by the number of the response. A copy may be sent when its watermark is below the
 * first number in that list. The queue is sorted by watermark, so only its first copy has to be
 * checked.
 *
 * <p><b>The keyed part</b> lets copies go that the causal part holds back although they have no
 * series in common. Each copy has one place: the end of its body; for a copy that waits for the
 * primary's response, or whose response came first, that response. For each key there is a list of
 * the unfinished copies that have it, sorted by place. A copy may be sent when it is the first in
 * all of its lists, and no unfinished copy with unknown keys had its response before this capture.
 * A place is never later than the copy's own response nor earlier than its watermark, so every wait
 * is for an earlier place, and there is no cycle.
 *
 * <p>Keys are known up to a frontier in the order of places. It moves only when the caller reads
 * keys: for a copy that the causal part has held back for a while, see {@link #nextToRead}. So a
 * target that keeps up costs no reading, and a long queue only that of its first part.
 *
 * <p>Every event takes constant time and time in proportion to the keys of its copy. Exceptions are
 * insertions into sorted lists, which begin at the end, where nearly all copies belong.
 *
 * @param <T> the type of the copies
 */
public final class Ordering<T> {
  /** Bounds the wait for an event that opens a gate, in case there is none. */
  private static final long LONGEST_CLOSED = TimeUnit.SECONDS.toNanos(1);

  /** How many scopes that are not due are passed in one search for keys to read. */
  private static final int MAX_LOOKS = 16;

  private final KeyIndex<T> index = new KeyIndex<>();
  private final int maxKnownWaiting;
  private final long patience;
  private final long maxKeyBytes;
  private final int maxKeysOfCopy;

  private final Map<@Nullable String, Scope<T>> scopes = new HashMap<>();

  /** Scopes with a copy that may be sent, each once, so that scopes take turns. */
  private final IntrusiveList<Scope<T>> ready = new IntrusiveList<>();

  /** Scopes that were ready, but whose gate was closed. */
  private final IntrusiveList<Scope<T>> gated = new IntrusiveList<>();

  /** When the gate of one of them opens at the earliest. */
  private long gateOpensAt;

  /** Scopes with a copy that keys may let go, each once, so that scopes take turns. */
  private final IntrusiveList<Scope<T>> unread = new IntrusiveList<>();

  private int queued;

  /**
   * @param maxKnownWaiting no keys of a scope are read while so many of its copies with known keys
   *     wait
   * @param patience for how long a copy has to hold back others, or to be held back, before keys
   *     are read, in nanoseconds
   * @param maxKeyBytes the most memory that known keys may take, in bytes
   */
  public Ordering(int maxKnownWaiting, long patience, long maxKeyBytes) {
    this.maxKnownWaiting = maxKnownWaiting;
    this.patience = patience;
    // The last copy that is read may exceed the limit by as much as one copy may take.
    long ofCopy = maxKeyBytes / 4;
    this.maxKeyBytes = maxKeyBytes - ofCopy;
    this.maxKeysOfCopy = (int) Math.min(Integer.MAX_VALUE / 4, ofCopy / KeySet.BYTES_PER_KEY);
  }

  /** Decides whether copies of a scope may be sent, apart from their order. */
  public interface Gate {
    /**
     * Returns the nanoseconds until a copy may be sent: none if not positive, Long.MAX_VALUE if not
     * before {@link Ordering#openGates}.
     *
     * @param running the number of copies of this scope that have been polled and not ended
     */
    long untilOpen(@Nullable String scope, int running);
  }

  private Scope<T> newScope(@Nullable String key) {
    return new Scope<>(key, index, maxKnownWaiting);
  }

  /** The body of the copy is complete. */
  public void captured(Ticket<T> ticket) {
    if (ticket.state == State.OPEN && !ticket.hasWatermark()) {
      scopeOf(ticket).captured(ticket);
    }
  }

  /** Adds the copy to the queue. It can be polled when the order permits. */
  public void enqueue(Ticket<T> ticket, long now) {
    if (ticket.state == State.OPEN) {
      captured(ticket);
      Scope<T> scope = scopeOf(ticket);
      scope.enqueue(ticket, now);
      queued++;
      offer(scope);
    }
  }

  /** The primary is about to send its response to the copied request. */
  public void responded(Ticket<T> ticket) {
    if (ticket.isOrdered() && ticket.state != State.FINISHED && ticket.response == 0) {
      Scope<T> scope = scopeOf(ticket);
      if (!ticket.hasWatermark()) {
        // Otherwise it would wait for itself.
        ticket.isEarly = true;
        scope.captured(ticket);
      }
      scope.responded(ticket);
    }
  }

  /** The copy has ended, in any state and with any outcome. Needs no memory. */
  public void finished(Ticket<T> ticket) {
    State was = ticket.state;
    if (was == State.FINISHED) {
      return;
    }
    ticket.state = State.FINISHED;
    Scope<T> scope = ticket.scope;
    if (scope == null) {
      return;
    }
    if (was == State.QUEUED) {
      queued--;
    }
    scope.finished(ticket, was);
    if (--scope.unfinished == 0) {
      scopes.remove(scope.key);
      ready.remove(scope.inReady);
      gated.remove(scope.inReady);
      unread.remove(scope.inUnread);
    } else {
      offer(scope);
    }
  }

  /** Adds a polled copy to the queue again. It keeps its place. */
  public void requeue(Ticket<T> ticket, long now) {
    Scope<T> scope = ticket.scope;
    if (scope != null && ticket.state == State.RUNNING) {
      scope.requeue(ticket, now);
      queued++;
      offer(scope);
    }
  }

  /** Removes and returns the next copy that may be sent, or returns null. */
  public @Nullable T poll(Gate gate, long now) {
    for (Scope<T> scope = ready.first(); scope != null; scope = ready.first()) {
      ready.remove(scope.inReady);
      if (!scope.isReady()) {
        continue;
      }
      long untilOpen = gate.untilOpen(scope.key, scope.running());
      if (untilOpen > 0) {
        close(scope, untilOpen, now);
        continue;
      }
      Ticket<T> ticket = scope.poll(now);
      if (ticket != null) {
        queued--;
        offer(scope);
        return ticket.copy;
      }
    }
    return null;
  }

  private void close(Scope<T> scope, long untilOpen, long now) {
    long opensAt = now + Math.min(untilOpen, LONGEST_CLOSED);
    if (gated.size() == 0 || opensAt - gateOpensAt < 0) {
      gateOpensAt = opensAt;
    }
    gated.addLast(scope.inReady);
  }

  /** Lets {@link #poll} ask the gates of all scopes again. */
  public void openGates() {
    for (Scope<T> scope = gated.first(); scope != null; scope = gated.first()) {
      gated.remove(scope.inReady);
      ready.addLast(scope.inReady);
    }
  }

  /**
   * Returns the nanoseconds until {@link #openGates} is due; Long.MAX_VALUE if it is not needed.
   */
  public long untilGateOpens(long now) {
    return gated.size() == 0 ? Long.MAX_VALUE : gateOpensAt - now;
  }

  /**
   * Returns the next copy whose keys are to be read, or null. The caller then calls {@link #read}
   * for it, or this method again.
   */
  public @Nullable Ticket<T> nextToRead(long now) {
    if (index.bytes() >= maxKeyBytes) {
      return null;
    }
    int looks = Math.min(unread.size(), MAX_LOOKS);
    for (Scope<T> scope = unread.first(); scope != null; scope = unread.first()) {
      boolean isDue = now - scope.wantsKeysSince() >= patience;
      if (!isDue && looks-- == 0) {
        return null;
      }
      Ticket<T> next = isDue ? scope.firstBeyondFrontier() : null;
      // The next scopes take their turn: this one may always have a copy that has just come.
      unread.remove(scope.inUnread);
      offer(scope);
      if (next != null && unread.contains(scope.inUnread)) {
        return next;
      }
    }
    return null;
  }

  /** Returns a collector for the keys of one copy. */
  public KeySet<T> newKeySet() {
    return new KeySet<>(maxKeysOfCopy);
  }

  /** Returns the nanoseconds until {@link #nextToRead} may return a copy without another event. */
  public long untilRead(long now) {
    Scope<T> scope = unread.first();
    return scope == null || index.bytes() >= maxKeyBytes
        ? Long.MAX_VALUE
        : scope.wantsKeysSince() + patience - now;
  }

  /** Keys have been read. Has no effect if the copy has ended meanwhile. */
  public void read(Ticket<T> ticket, KeySet<T> keys) {
    Scope<T> scope = ticket.scope;
    if (scope != null && ticket.state != State.FINISHED) {
      scope.read(ticket, keys);
      offer(scope);
    }
  }

  /** Returns the number of copies in the queue. */
  public int queued() {
    return queued;
  }

  /** Returns the memory of all known keys, in bytes. */
  public long keyBytes() {
    return index.bytes();
  }

  /** Returns the number of scopes with unfinished copies. */
  int scopes() {
    return scopes.size();
  }

  private Scope<T> scopeOf(Ticket<T> ticket) {
    Scope<T> scope = ticket.scope;
    if (scope == null) {
      scope = scopes.computeIfAbsent(ticket.scopeKey, this::newScope);
      scope.unfinished++;
      ticket.scope = scope;
    }
    return scope;
  }

  /** Adds the scope to the lists it belongs to. */
  private void offer(Scope<T> scope) {
    boolean isOffered = ready.contains(scope.inReady) || gated.contains(scope.inReady);
    if (!isOffered && scope.isReady()) {
      ready.addLast(scope.inReady);
    }
    boolean wantsKeys = scope.wantsKeys();
    if (!wantsKeys) {
      unread.remove(scope.inUnread);
    } else if (!unread.contains(scope.inUnread)) {
      unread.addLast(scope.inUnread);
    }
  }
}
