package io.github.requestmirror.internal.ordering;

import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list. An element creates its nodes when it is created, so adding it to a list and
 * removing it need no memory and take constant time. Not thread-safe.
 *
 * @param <E> the type of the elements
 */
public final class IntrusiveList<E> {
  private @Nullable Node<E> first;
  private @Nullable Node<E> last;
  private int size;

  /** An element's place in one list at a time. */
  public static final class Node<E> {
    private final E element;
    private @Nullable IntrusiveList<E> list;
    private @Nullable Node<E> previous;
    private @Nullable Node<E> next;

    public Node(E element) {
      this.element = element;
    }

    public E element() {
      return element;
    }

    /** Returns the node before this one, or null. */
    public @Nullable Node<E> previous() {
      return previous;
    }

    /** Returns the node after this one, or null. */
    @Nullable Node<E> next() {
      return next;
    }
  }

  public int size() {
    return size;
  }

  public boolean contains(Node<E> node) {
    return node.list == this;
  }

  /** Returns the first element, or null. */
  public @Nullable E first() {
    return first == null ? null : first.element;
  }

  /** Returns the first node, or null. */
  @Nullable Node<E> firstNode() {
    return first;
  }

  /** Returns the last node, or null. */
  public @Nullable Node<E> last() {
    return last;
  }

  public void addLast(Node<E> node) {
    addAfter(last, node);
  }

  /**
   * Adds a node that is in no list.
   *
   * @param before the node before it, or null to add it as the first
   */
  public void addAfter(@Nullable Node<E> before, Node<E> node) {
    if (node.list != null) {
      throw new IllegalStateException("the node is already in a list");
    }
    Node<E> after = before == null ? first : before.next;
    node.list = this;
    node.previous = before;
    node.next = after;
    if (before == null) {
      first = node;
    } else {
      before.next = node;
    }
    if (after == null) {
      last = node;
    } else {
      after.previous = node;
    }
    size++;
  }

  /** Removes a node; returns whether it was in this list. */
  public boolean remove(Node<E> node) {
    if (node.list != this) {
      return false;
    }
    if (node.previous == null) {
      first = node.next;
    } else {
      node.previous.next = node.next;
    }
    if (node.next == null) {
      last = node.previous;
    } else {
      node.next.previous = node.previous;
    }
    node.list = null;
    node.previous = null;
    node.next = null;
    size--;
    return true;
  }
}
