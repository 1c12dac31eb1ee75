package io.github.requestmirror.internal.accounting;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs and survives exceptions of the application's appenders and filters. They must neither end a
 * thread of the mirror nor reach the primary. They are ignored, because they cannot be logged.
 */
public final class GuardedLog {
  private final Logger logger;

  /** Creates a log with the name of a class. */
  public GuardedLog(Class<?> owner) {
    this.logger = LoggerFactory.getLogger(owner);
  }

  public void debug(String format, @Nullable Object... arguments) {
    try {
      logger.debug(format, arguments);
    } catch (Throwable t) {
      // Ignored, see the class comment.
    }
  }

  public void info(String format, @Nullable Object... arguments) {
    try {
      logger.info(format, arguments);
    } catch (Throwable t) {
      // Ignored, see the class comment.
    }
  }

  public void warn(String format, @Nullable Object... arguments) {
    try {
      logger.warn(format, arguments);
    } catch (Throwable t) {
      // Ignored, see the class comment.
    }
  }
}
