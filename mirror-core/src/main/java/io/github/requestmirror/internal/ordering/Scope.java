package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.internal.ordering.IntrusiveList.Node;
import io.github.requestmirror.internal.ordering.Ticket.Keys;
import io.github.requestmirror.internal.ordering.Ticket.State;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished copies that are ordered relative to each other. Confined to the ordering's thread.
 *
 * @param <T> the type of the copies
 */
final class Scope<T> {
  private static final long NO_RESPONSE = Long.MAX_VALUE;

  final @Nullable String key;
  final int hash;
  final Node<Scope<T>> inReady = new Node<>(this);
  final Node<Scope<T>> inUnread = new Node<>(this);

  private final KeyIndex<T> index;
  private final int maxKnownWaiting;

  /** The copies that wait without an order. */
  private final IntrusiveList<Ticket<T>> unordered = new IntrusiveList<>();

  /** The other copies that wait, sorted by watermark. */
  private final IntrusiveList<Ticket<T>> queue = new IntrusiveList<>();

  /** The copies with a response, sorted by its number. */
  private final IntrusiveList<Ticket<T>> responded = new IntrusiveList<>();

  /** Those of them that meet every copy, sorted likewise. */
  private final IntrusiveList<Ticket<T>> respondedAll = new IntrusiveList<>();

  /** The copies that have a place, sorted by it. */
  private final IntrusiveList<Ticket<T>> places = new IntrusiveList<>();

  /** The copies that wait and whose keys can be read, but are unread; sorted by watermark. */
  private final IntrusiveList<Ticket<T>> unread = new IntrusiveList<>();

  /** The copies that wait and are the first for each of their keys, sorted by watermark. */
  private final IntrusiveList<Ticket<T>> free = new IntrusiveList<>();

  /** The last place up to which all keys are known, or null. */
  private @Nullable Node<Ticket<T>> frontier;

  /** The source of the keys that are listed. Meaningful while there are any. */
  private @Nullable Object keySource;

  private int listed;
  private int knownWaiting;
  private long responses;
  private int running;
  private int orderedRunning;
  int unfinished;

  /**
   * @param index the keys of all scopes
   * @param maxKnownWaiting no keys are read while so many copies with known keys wait
   */
  Scope(@Nullable String key, KeyIndex<T> index, int maxKnownWaiting) {
    this.key = key;
    this.hash = key == null ? 0 : key.hashCode();
    this.index = index;
    this.maxKnownWaiting = maxKnownWaiting;
  }

  void captured(Ticket<T> ticket) {
    ticket.watermark = responses;
  }

  void requeue(Ticket<T> ticket, long now) {
    leaveRunning(ticket);
    enqueue(ticket, now);
  }

  void enqueue(Ticket<T> ticket, long now) {
    ticket.state = State.QUEUED;
    ticket.queuedAt = now;
    if (!ticket.isOrdered()) {
      unordered.addLast(ticket.inQueue);
      return;
    }
    place(ticket);
    addByWatermark(queue, ticket, ticket.inQueue);
    switch (ticket.keys) {
      case UNREAD -> {
        if (ticket.isReadable()) {
          addByWatermark(unread, ticket, ticket.inWaiting);
        }
      }
      case ALL -> knownWaiting++;
      case LISTED -> {
        knownWaiting++;
        freeIfFirst(ticket);
      }
    }
  }

  void responded(Ticket<T> ticket) {
    place(ticket);
    ticket.response = ++responses;
    responded.addLast(ticket.inResponded);
    if (ticket.keys == Keys.ALL) {
      respondedAll.addLast(ticket.inRespondedAll);
    }
  }

  private void place(Ticket<T> ticket) {
    if (!places.contains(ticket.inPlaces)) {
      places.addLast(ticket.inPlaces);
    }
  }

  /** Removes and returns a copy that may be sent, or returns null. */
  @Nullable Ticket<T> poll(long now) {
    Ticket<T> ordered = firstIsReady() ? queue.first() : firstFreeIsReady() ? free.first() : null;
    Ticket<T> other = unordered.first();
    // Compares the difference, because nanoTime may overflow.
    boolean takeOther = other != null && (ordered == null || other.queuedAt - ordered.queuedAt < 0);
    Ticket<T> next = takeOther ? other : ordered;
    if (next != null) {
      leaveQueue(next);
      next.state = State.RUNNING;
      next.polledAt = now;
      running++;
      orderedRunning += next.isOrdered() ? 1 : 0;
    }
    return next;
  }

  private void leaveRunning(Ticket<T> ticket) {
    running--;
    orderedRunning -= ticket.isOrdered() ? 1 : 0;
  }

  /** Returns the number of copies that have been polled and have not ended. */
  int running() {
    return running;
  }

  boolean isReady() {
    return unordered.size() > 0 || firstIsReady() || firstFreeIsReady();
  }

  /** The causal part: no response of an unfinished copy came before this capture. */
  private boolean firstIsReady() {
    Ticket<T> first = queue.first();
    return first != null
        && switch (first.order) {
          case NONE -> true;
          case FIFO -> orderedRunning == 0 && first.watermark < firstResponse(responded);
          case CAUSAL -> first.watermark < firstResponse(responded);
        };
  }

  /** The keyed part: no such copy meets every other, and no earlier one has the same key. */
  private boolean firstFreeIsReady() {
    Ticket<T> first = free.first();
    return first != null && first.watermark < firstResponse(respondedAll);
  }

  private static <T> long firstResponse(IntrusiveList<Ticket<T>> responded) {
    Ticket<T> first = responded.first();
    return first == null ? NO_RESPONSE : first.response;
  }

  private void leaveQueue(Ticket<T> ticket) {
    if (unordered.remove(ticket.inQueue)) {
      return;
    }
    queue.remove(ticket.inQueue);
    if (ticket.keys == Keys.UNREAD) {
      unread.remove(ticket.inWaiting);
    } else {
      free.remove(ticket.inWaiting);
      knownWaiting--;
    }
  }

  /** Removes a copy in any state. Needs no memory. */
  void finished(Ticket<T> ticket, State was) {
    if (was == State.QUEUED) {
      leaveQueue(ticket);
    } else if (was == State.RUNNING) {
      leaveRunning(ticket);
    }
    responded.remove(ticket.inResponded);
    respondedAll.remove(ticket.inRespondedAll);
    if (frontier == ticket.inPlaces) {
      frontier = ticket.inPlaces.previous();
    }
    places.remove(ticket.inPlaces);
    if (ticket.keys == Keys.LISTED) {
      listed--;
      for (KeyNode<T> node : ticket.nodes) {
        Ticket<T> first = index.remove(node);
        if (first != null) {
          first.blockingKeys--;
          if (first.state == State.QUEUED) {
            freeIfFirst(first);
          }
        }
      }
      ticket.nodes = KeyNode.none();
    }
  }

  private void freeIfFirst(Ticket<T> ticket) {
    if (ticket.blockingKeys == 0) {
      addByWatermark(free, ticket, ticket.inWaiting);
    }
  }

  private static <T> void addByWatermark(
      IntrusiveList<Ticket<T>> list, Ticket<T> ticket, Node<Ticket<T>> node) {
    Node<Ticket<T>> before = list.last();
    while (before != null && before.element().watermark > ticket.watermark) {
      before = before.previous();
    }
    list.addAfter(before, node);
  }

  /** Returns whether more keys may let a copy go. */
  boolean wantsKeys() {
    Ticket<T> first = unread.first();
    return first != null
        && knownWaiting < maxKnownWaiting
        && first.watermark < firstResponse(respondedAll);
  }

  /**
   * Returns since when keys are wanted, if they are: since a copy waits, or since the copy that it
   * waits for was polled. If that has taken long, the next copies need not show it again.
   */
  long wantsKeysSince() {
    Ticket<T> first = unread.first();
    if (first == null) {
      return 0;
    }
    Ticket<T> blocking = responded.first();
    if (blocking == null || blocking.state != State.RUNNING) {
      return first.queuedAt;
    }
    return blocking.polledAt - first.queuedAt < 0 ? blocking.polledAt : first.queuedAt;
  }

  /**
   * Moves the frontier past the copies whose keys cannot be read.
   *
   * @return the next copy whose keys are to be read; null if there is none
   */
  @Nullable Ticket<T> firstBeyondFrontier() {
    Node<Ticket<T>> next = nextPlace();
    while (next != null && !isReadable(next.element())) {
      meetsAll(next.element());
      next = nextPlace();
    }
    return next == null ? null : next.element();
  }

  private @Nullable Node<Ticket<T>> nextPlace() {
    return frontier == null ? places.firstNode() : frontier.next();
  }

  /** Keys of different sources cannot be compared. */
  private boolean isReadable(Ticket<T> ticket) {
    return ticket.isReadable() && (listed == 0 || keySource == ticket.keySource);
  }

  /**
   * Moves the frontier past a copy whose keys have been read, unless it has ended meanwhile.
   *
   * @param ticket the result of {@link #firstBeyondFrontier}
   */
  void read(Ticket<T> ticket, KeySet<T> keys) {
    Node<Ticket<T>> next = nextPlace();
    if (next == null || next.element() != ticket) {
      return;
    }
    if (!keys.isKnown() || !isReadable(ticket)) {
      meetsAll(ticket);
      return;
    }
    ticket.nodes = keys.nodes();
    ticket.blockingKeys = index.add(ticket);
    keySource = ticket.keySource;
    listed++;
    passFrontier(ticket, Keys.LISTED);
    if (ticket.state == State.QUEUED) {
      freeIfFirst(ticket);
    }
  }

  private void meetsAll(Ticket<T> ticket) {
    passFrontier(ticket, Keys.ALL);
    if (ticket.response != 0) {
      Node<Ticket<T>> before = respondedAll.last();
      while (before != null && before.element().response > ticket.response) {
        before = before.previous();
      }
      respondedAll.addAfter(before, ticket.inRespondedAll);
    }
  }

  private void passFrontier(Ticket<T> ticket, Keys keys) {
    if (ticket.state == State.QUEUED) {
      unread.remove(ticket.inWaiting);
      knownWaiting++;
    }
    ticket.keys = keys;
    frontier = ticket.inPlaces;
  }
}
