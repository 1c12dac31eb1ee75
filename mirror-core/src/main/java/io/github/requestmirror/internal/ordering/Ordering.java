package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.internal.ordering.IntrusiveList.Node;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which copies may be sent next. Confined to one thread, which receives the events of all
 * copies in a causal order: the event of a primary's response comes before the capture event of
 * every request that a client sent after receiving that response.
 *
 * <p>The rule of {@link MirrorOrder#CAUSAL}, within a scope: a copy waits for every unfinished copy
 * whose request was responded to before this copy was captured. In this class "response" means the
 * primary's response. Responses are numbered. The watermark of a copy is the number of responses at
 * the time of its capture. The unfinished copies with a response form a list, sorted by the number
 * of the response. A copy may be sent when its watermark is below the first number in that list.
 * The queue is sorted by watermark, so only its first copy has to be checked. Every event takes
 * constant time, except that a copy which waited for the primary's response is inserted into the
 * queue from the end, past the copies with a higher watermark.
 *
 * <p>If the primary responds before the body is complete, the copy gets its watermark at the
 * response. Otherwise it would wait for itself.
 *
 * @param <T> the type of the copies
 */
public final class Ordering<T> {
  private static final long NONE_RESPONDED = Long.MAX_VALUE;

  private final Map<@Nullable String, Scope<T>> scopes = new HashMap<>();

  /** The copies without order. The first of this queue may always be sent. Never removed. */
  private final Scope<T> unordered = new Scope<>(null);

  /** Scopes whose first copy may be sent, each once, so that scopes take turns. */
  private final IntrusiveList<Scope<T>> ready = new IntrusiveList<>();

  private int queued;

  /** The place of one copy in the order. Created by any thread, then confined to the ordering. */
  public static final class Ticket<T> {
    private final T copy;
    private final MirrorOrder order;
    private final @Nullable String scopeKey;
    private final Node<Ticket<T>> inQueue = new Node<>(this);
    private final Node<Ticket<T>> inResponded = new Node<>(this);

    private @Nullable Scope<T> scope;
    private State state = State.OPEN;
    private long watermark = -1;
    private long response;

    public Ticket(T copy, MirrorOrder order, @Nullable String scopeKey) {
      this.copy = copy;
      this.order = order;
      this.scopeKey = scopeKey;
    }

    /** Returns whether {@link Ordering#responded} has an effect for this copy. */
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
    final Node<Scope<T>> inReady = new Node<>(this);

    /** The copies that wait, sorted by watermark. */
    final IntrusiveList<Ticket<T>> queue = new IntrusiveList<>();

    /** The unfinished copies with a response, sorted by its number. */
    final IntrusiveList<Ticket<T>> responded = new IntrusiveList<>();

    long responses;
    int unfinished;
    int running;

    Scope(@Nullable String key) {
      this.key = key;
    }

    boolean firstIsReady() {
      Ticket<T> first = queue.first();
      return first != null
          && switch (first.order) {
            case NONE -> true;
            case FIFO -> running == 0 && first.watermark < firstUnfinishedResponse();
            case CAUSAL -> first.watermark < firstUnfinishedResponse();
          };
    }

    private long firstUnfinishedResponse() {
      Ticket<T> first = responded.first();
      return first == null ? NONE_RESPONDED : first.response;
    }

    void enqueue(Ticket<T> ticket) {
      Node<Ticket<T>> before = queue.last();
      while (before != null && before.element().watermark > ticket.watermark) {
        before = before.previous();
      }
      queue.addAfter(before, ticket.inQueue);
    }
  }

  /** The body of the copy is complete. */
  public void captured(Ticket<T> ticket) {
    if (ticket.state == State.OPEN && ticket.watermark < 0) {
      ticket.watermark = scopeOf(ticket).responses;
    }
  }

  /** Adds the copy to the queue. It can be polled when the order permits. */
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

  /** The primary is about to send its response to the copied request. */
  public void responded(Ticket<T> ticket) {
    if (ticket.order != MirrorOrder.NONE
        && ticket.state != State.FINISHED
        && ticket.response == 0) {
      Scope<T> scope = scopeOf(ticket);
      captured(ticket);
      ticket.response = ++scope.responses;
      scope.responded.addLast(ticket.inResponded);
    }
  }

  /** The copy has ended, in any state and with any outcome. */
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
      scope.queue.remove(ticket.inQueue);
    } else if (was == State.RUNNING) {
      scope.running--;
    }
    scope.responded.remove(ticket.inResponded);
    if (--scope.unfinished == 0 && scope != unordered) {
      scopes.remove(scope.key);
      ready.remove(scope.inReady);
    } else {
      offerIfReady(scope);
    }
  }

  /** Removes and returns the next copy that may be sent, or returns null. */
  public @Nullable T poll() {
    for (Scope<T> scope = ready.first(); scope != null; scope = ready.first()) {
      ready.remove(scope.inReady);
      Ticket<T> ticket = scope.queue.first();
      if (ticket != null && scope.firstIsReady()) {
        scope.queue.remove(ticket.inQueue);
        ticket.state = State.RUNNING;
        queued--;
        scope.running++;
        offerIfReady(scope);
        return ticket.copy;
      }
    }
    return null;
  }

  /** Returns the number of copies in the queue. */
  public int queued() {
    return queued;
  }

  /** Returns the number of scopes with unfinished copies. */
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
    if (!ready.contains(scope.inReady) && scope.firstIsReady()) {
      ready.addLast(scope.inReady);
    }
  }
}
