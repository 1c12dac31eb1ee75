package io.github.requestmirror.httpclient5;

import io.github.requestmirror.httpclient5.Call.Kind;
import java.io.IOException;

/** How bodies fail half-way. */
final class Failure {
  private Failure() {}

  static void raise(Kind kind) throws IOException {
    switch (kind) {
      case FAILS_WITH_IO_EXCEPTION -> throw new IOException("no more of it");
      case FAILS_WITH_RUNTIME_EXCEPTION -> throw new IllegalStateException("no more of it");
      case FAILS_WITH_ERROR -> throw new LinkageError("no more of it");
      default -> throw new IllegalArgumentException(kind.toString());
    }
  }
}
