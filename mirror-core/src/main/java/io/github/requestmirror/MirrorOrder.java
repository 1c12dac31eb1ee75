package io.github.requestmirror;

/** How copies of one scope may overtake one another on their way to the target. */
public enum MirrorOrder {
  /**
   * A copy waits for every unfinished copy whose primary response had gone out before this request
   * was captured; requests that overlapped at the primary may overlap at the target. This keeps the
   * order that a sender relies on at the sender's own concurrency. The default for methods that are
   * not safe.
   */
  CAUSAL,
  /**
   * One copy of a scope at a time. In the order of capture, except that copies which wait for the
   * primary's response and overlapped there go as they are let go.
   */
  FIFO,
  /** Copies go as soon as they can. The default for GET, HEAD and OPTIONS. */
  NONE
}
