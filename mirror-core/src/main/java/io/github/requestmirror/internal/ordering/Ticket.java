package io.github.requestmirror.internal.ordering;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.internal.ordering.IntrusiveList.Node;
import org.jspecify.annotations.Nullable;

/**
 * The place of one copy in the order. Created by any thread, then confined to the {@link Ordering}.
 *
 * @param <T> the type of the copies
 */
public final class Ticket<T> {
  /** What is known about the keys of a copy. */
  enum Keys {
    /** Nothing yet. */
    UNREAD,

    /** It meets every copy of its scope: its keys are unknown, or its order has none. */
    ALL,

    /** It is in the lists of its keys. */
    LISTED
  }

  enum State {
    OPEN,
    QUEUED,
    RUNNING,
    FINISHED
  }

  private static final long NO_WATERMARK = -1;

  final T copy;
  final MirrorOrder order;
  final @Nullable String scopeKey;

  /** What reads the keys of this copy; null if nothing does. */
  final @Nullable Object keySource;

  final Node<Ticket<T>> inQueue = new Node<>(this);
  final Node<Ticket<T>> inResponded = new Node<>(this);
  final Node<Ticket<T>> inRespondedAll = new Node<>(this);
  final Node<Ticket<T>> inPlaces = new Node<>(this);

  /** In the waiting copies whose keys are unread, or in those that no key holds back. */
  final Node<Ticket<T>> inWaiting = new Node<>(this);

  @Nullable Scope<T> scope;
  State state = State.OPEN;

  /** The number of responses in its scope when its body was complete. */
  long watermark = NO_WATERMARK;

  /** The number of its own response, or 0. */
  long response;

  /** Whether the response came before the end of the body. */
  boolean isEarly;

  long queuedAt;

  /** When it was polled last. */
  long polledAt;

  Keys keys = Keys.UNREAD;

  /** One for each of its keys; empty unless they are listed. */
  KeyNode<T>[] nodes = KeyNode.none();

  /** The number of its keys that an earlier copy has, too. */
  int blockingKeys;

  /**
   * Creates a ticket.
   *
   * @param keySource identifies the function that reads keys from the body; null if there is none
   */
  public Ticket(T copy, MirrorOrder order, @Nullable String scopeKey, @Nullable Object keySource) {
    this.copy = copy;
    this.order = order;
    this.scopeKey = scopeKey;
    this.keySource = order == MirrorOrder.CAUSAL ? keySource : null;
  }

  public T copy() {
    return copy;
  }

  /** Returns whether {@link Ordering#responded} has an effect for this copy. */
  public boolean isOrdered() {
    return order != MirrorOrder.NONE;
  }

  boolean hasWatermark() {
    return watermark != NO_WATERMARK;
  }

  /** Returns whether its keys can be read from its body. */
  boolean isReadable() {
    return keySource != null && !isEarly;
  }
}
