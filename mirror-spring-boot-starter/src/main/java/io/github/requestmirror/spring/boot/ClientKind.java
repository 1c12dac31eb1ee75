package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import org.jspecify.annotations.Nullable;

/** A kind of HTTP client whose requests can be mirrored. */
interface ClientKind {
  /**
   * Returns the bean, or one in place of it, that mirrors its requests; null if it is no client of
   * this kind.
   */
  @Nullable Object mirrored(Object bean, Mirror mirror);

  /** Returns the types of beans, for a message. */
  String types();
}
