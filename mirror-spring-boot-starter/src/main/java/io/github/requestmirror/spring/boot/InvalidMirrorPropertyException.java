package io.github.requestmirror.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A property of the mirror is missing, unknown or wrong. The message names it. */
final class InvalidMirrorPropertyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial")
  private final List<String> origins;

  InvalidMirrorPropertyException(
      String message, List<String> origins, @Nullable IllegalArgumentException cause) {
    super(message, cause);
    this.origins = List.copyOf(origins);
  }

  /** Returns where the properties are set that the message names, as far as known. */
  List<String> origins() {
    return origins;
  }
}
