package io.github.requestmirror.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** Makes every call of the mirror's loggers throw an exception, until it is closed. */
public final class ThrowingLogger implements AutoCloseable {
  private final AtomicInteger thrown = new AtomicInteger();
  private final Filter filter;

  /** Throws RuntimeExceptions and Errors alternately. */
  public ThrowingLogger() {
    this.filter =
        new Filter(
            () -> {
              if (thrown.getAndIncrement() % 2 == 0) {
                throw new IllegalStateException("logger failed on purpose");
              }
              throw new AssertionError("logger failed on purpose");
            });
    context().addTurboFilter(filter);
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }

  /** Returns the number of calls that have thrown. */
  public int thrown() {
    return thrown.get();
  }

  @Override
  public void close() {
    context().getTurboFilterList().remove(filter);
  }

  private static final class Filter extends TurboFilter {
    private final Supplier<FilterReply> mirrorReply;

    Filter(Supplier<FilterReply> mirrorReply) {
      this.mirrorReply = mirrorReply;
    }

    @Override
    public FilterReply decide(
        @Nullable Marker marker,
        Logger logger,
        Level level,
        @Nullable String format,
        Object @Nullable [] arguments,
        @Nullable Throwable cause) {
      return logger.getName().startsWith("io.github.requestmirror")
          ? mirrorReply.get()
          : FilterReply.NEUTRAL;
    }
  }
}
