package io.github.requestmirror.internal.accounting;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs and survives exceptions of the application's appenders and filters. They must neither end a
 * thread of the mirror nor reach the primary. They are ignored, because they cannot be logged.
 */
public final class GuardedLog {
  private final Logger logger;
  private final Executor executor;

  /**
   * Creates a log with the name of a class, which logs on the calling thread.
   *
   * @param owner a public class, because operators configure loggers by name
   */
  public GuardedLog(Class<?> owner) {
    this(owner, Runnable::run);
  }

  /**
   * Creates a log with the name of a class.
   *
   * @param owner as above
   * @param executor runs the appenders, which may block; must not throw exceptions
   */
  public GuardedLog(Class<?> owner, Executor executor) {
    this.logger = LoggerFactory.getLogger(owner);
    this.executor = executor;
  }

  public void debug(String format, @Nullable Object... arguments) {
    try {
      execute(() -> logger.debug(format, arguments));
    } catch (Throwable t) {
      // Out of memory: there is no line about it.
    }
  }

  public void info(String format, @Nullable Object... arguments) {
    try {
      execute(() -> logger.info(format, arguments));
    } catch (Throwable t) {
      // As above.
    }
  }

  public void warn(String format, @Nullable Object... arguments) {
    try {
      execute(() -> logger.warn(format, arguments));
    } catch (Throwable t) {
      // As above.
    }
  }

  private void execute(Runnable line) {
    executor.execute(
        () -> {
          try {
            line.run();
          } catch (Throwable t) {
            // Ignored, see the class comment.
          }
        });
  }
}
