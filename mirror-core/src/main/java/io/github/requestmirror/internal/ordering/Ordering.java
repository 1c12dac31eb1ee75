package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.MirrorOrder;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which copies may go. Confined to one thread, which sees the events of all copies in an
 * order that agrees with what happened: a response's event comes before the capture's event of
 * every request that was sent because of that response.
 *
 * <p>The rule of {@link MirrorOrder#CAUSAL}, per scope: a copy may go only when no copy whose
 * response had gone out before this one was captured is unfinished. Responses are numbered. A
 * captured copy notes how many there were, its watermark; the copies that were responded and are
 * unfinished form a list by number; the copy may go while the first number of that list is above
 * its watermark. Queued copies stand in the order of their watermarks, so the first decides for
 * all. Every event is O(1), save that a copy which waited for its primary's response is put in its
 * place from the end, past the ones that overlapped it there.
 *
 * <p>A request responded before its body was complete takes its watermark at the response: it would
 * wait for itself otherwise.
 *
 * @param <T> what is ordered
 */
public final class Ordering<T> {
  private static final long NONE_RESPONDED = Long.MAX_VALUE;

  private final Map<@Nullable String, Scope<T>> scopes = new HashMap<>();

  /** Copies without order: a queue whose first may always go. Lives as long as this. */
  private final Scope<T> unordered = new Scope<>(null);

  /** Scopes whose first copy may go, each at most once, so that scopes take turns. */
  private final LinkedHashSet<Scope<T>> ready = new LinkedHashSet<>();

  private int queued;

  /** One copy's place in the order. Made by any thread, then used by the ordering alone. */
  public static final class Ticket<T> {
    private final T copy;
    private final MirrorOrder order;
    private final @Nullable String scopeKey;

    private @Nullable Scope<T> scope;
    private State state = State.OPEN;
    private long watermark = -1;
    private long response;
    private @Nullable Ticket<T> previous;
    private @Nullable Ticket<T> next;
    private @Nullable Ticket<T> previousResponded;
    private @Nullable Ticket<T> nextResponded;

    public Ticket(T copy, MirrorOrder order, @Nullable String scopeKey) {
      this.copy = copy;
      this.order = order;
      this.scopeKey = scopeKey;
    }

    /** Tells whether responses matter to this copy. */
    public boolean isOrdered() {
      return order != MirrorOrder.NONE;
    }
  }

  private enum State {
    OPEN,
    QUEUED,
    RUNNING,
    FINISHED
  }

  private static final class Scope<T> {
    final @Nullable String key;

    /** Unfinished copies by the number of their response. */
    @Nullable Ticket<T> firstResponded;

    @Nullable Ticket<T> lastResponded;
    long responses;
    int unfinished;
    int running;
    @Nullable Ticket<T> first;
    @Nullable Ticket<T> last;

    Scope(@Nullable String key) {
      this.key = key;
    }

    boolean firstMayGo() {
      return first != null
          && switch (first.order) {
            case NONE -> true;
            case FIFO -> running == 0 && first.watermark < firstUnfinishedResponse();
            case CAUSAL -> first.watermark < firstUnfinishedResponse();
          };
    }

    private long firstUnfinishedResponse() {
      return firstResponded == null ? NONE_RESPONDED : firstResponded.response;
    }

    void addResponded(Ticket<T> ticket) {
      ticket.previousResponded = lastResponded;
      if (lastResponded == null) {
        firstResponded = ticket;
      } else {
        lastResponded.nextResponded = ticket;
      }
      lastResponded = ticket;
    }

    void removeResponded(Ticket<T> ticket) {
      if (ticket.previousResponded == null) {
        firstResponded = ticket.nextResponded;
      } else {
        ticket.previousResponded.nextResponded = ticket.nextResponded;
      }
      if (ticket.nextResponded == null) {
        lastResponded = ticket.previousResponded;
      } else {
        ticket.nextResponded.previousResponded = ticket.previousResponded;
      }
      ticket.previousResponded = null;
      ticket.nextResponded = null;
    }

    void enqueue(Ticket<T> ticket) {
      Ticket<T> before = last;
      while (before != null && before.watermark > ticket.watermark) {
        before = before.previous;
      }
      Ticket<T> after = before == null ? first : before.next;
      ticket.previous = before;
      ticket.next = after;
      if (before == null) {
        first = ticket;
      } else {
        before.next = ticket;
      }
      if (after == null) {
        last = ticket;
      } else {
        after.previous = ticket;
      }
    }

    void dequeue(Ticket<T> ticket) {
      if (ticket.previous == null) {
        first = ticket.next;
      } else {
        ticket.previous.next = ticket.next;
      }
      if (ticket.next == null) {
        last = ticket.previous;
      } else {
        ticket.next.previous = ticket.previous;
      }
      ticket.previous = null;
      ticket.next = null;
    }
  }

  /** The copy's body is complete. */
  public void captured(Ticket<T> ticket) {
    if (ticket.state == State.OPEN && ticket.watermark < 0) {
      ticket.watermark = scopeOf(ticket).responses;
    }
  }

  /** The copy may be polled from now on, as far as the order allows. */
  public void enqueue(Ticket<T> ticket) {
    if (ticket.state == State.OPEN) {
      captured(ticket);
      Scope<T> scope = scopeOf(ticket);
      ticket.state = State.QUEUED;
      queued++;
      scope.enqueue(ticket);
      offerIfReady(scope);
    }
  }

  /** The primary's response to the copied request is about to go out. */
  public void responded(Ticket<T> ticket) {
    if (ticket.order != MirrorOrder.NONE
        && ticket.state != State.FINISHED
        && ticket.response == 0) {
      Scope<T> scope = scopeOf(ticket);
      captured(ticket);
      ticket.response = ++scope.responses;
      scope.addResponded(ticket);
    }
  }

  /** The copy ended, in whatever way and at whatever point. */
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
      scope.dequeue(ticket);
    } else if (was == State.RUNNING) {
      scope.running--;
    }
    if (ticket.response > 0) {
      scope.removeResponded(ticket);
    }
    if (--scope.unfinished == 0 && scope != unordered) {
      scopes.remove(scope.key);
      ready.remove(scope);
    } else {
      offerIfReady(scope);
    }
  }

  /** Takes the next copy that may go, or returns null when none may. */
  public @Nullable T poll() {
    while (!ready.isEmpty()) {
      Scope<T> scope = ready.iterator().next();
      ready.remove(scope);
      Ticket<T> ticket = scope.first;
      if (ticket != null && scope.firstMayGo()) {
        scope.dequeue(ticket);
        ticket.state = State.RUNNING;
        queued--;
        scope.running++;
        offerIfReady(scope);
        return ticket.copy;
      }
    }
    return null;
  }

  /** Returns how many copies wait to be polled. */
  public int queued() {
    return queued;
  }

  /** Returns how many scopes take memory. */
  int scopes() {
    return scopes.size();
  }

  private Scope<T> scopeOf(Ticket<T> ticket) {
    Scope<T> scope = ticket.scope;
    if (scope == null) {
      scope =
          ticket.order == MirrorOrder.NONE
              ? unordered
              : scopes.computeIfAbsent(ticket.scopeKey, Scope::new);
      scope.unfinished++;
      ticket.scope = scope;
    }
    return scope;
  }

  private void offerIfReady(Scope<T> scope) {
    if (scope.firstMayGo()) {
      ready.add(scope);
    }
  }
}
