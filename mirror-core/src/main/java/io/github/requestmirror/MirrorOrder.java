package io.github.requestmirror;

/** The order in which the copies of one scope are sent. */
public enum MirrorOrder {
  /**
   * A copy waits for every unfinished copy whose request the primary had responded to before this
   * request was captured, if the two have a {@linkplain MirrorPolicy.Builder#orderKeys key} in
   * common or the keys of one are unknown. So a client that waits for responses keeps its order.
   * Requests that overlapped at the primary, and those without a common key, may overlap at the
   * target. The default for methods other than GET, HEAD and OPTIONS.
   */
  CAUSAL,
  /**
   * One copy of a scope at a time, in the order of capture. Copies that wait for the primary's
   * response ({@link MirrorPolicy.Builder#whenPrimaryResponds}) and whose requests overlapped are
   * sent in the order of the responses.
   */
  FIFO,
  /** Copies do not wait for each other. The default for GET, HEAD and OPTIONS. */
  NONE
}
