package io.github.requestmirror.internal.accounting;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs, and survives a logger that throws: an appender or filter of the application must neither
 * end a thread of the mirror nor reach the primary. What it throws is dropped, as there is nowhere
 * left to report it.
 */
public final class GuardedLog {
  private final Logger logger;

  /** Logs under the name of the given class. */
  public GuardedLog(Class<?> owner) {
    this.logger = LoggerFactory.getLogger(owner);
  }

  public void debug(String format, @Nullable Object... arguments) {
    try {
      logger.debug(format, arguments);
    } catch (Throwable t) {
      // See above.
    }
  }

  public void info(String format, @Nullable Object... arguments) {
    try {
      logger.info(format, arguments);
    } catch (Throwable t) {
      // See above.
    }
  }

  public void warn(String format, @Nullable Object... arguments) {
    try {
      logger.warn(format, arguments);
    } catch (Throwable t) {
      // See above.
    }
  }
}
