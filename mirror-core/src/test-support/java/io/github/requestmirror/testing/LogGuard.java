package io.github.requestmirror.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Records the log events of a test: those of the mirror from DEBUG, others as configured. */
public final class LogGuard implements BeforeEachCallback, AfterEachCallback {
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          // The event takes the name of the thread that asks first.
          event.getThreadName();
          events.add(event);
        }
      };

  private @Nullable Level level;

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static Logger mirror() {
    return (Logger) LoggerFactory.getLogger("io.github.requestmirror");
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    events.clear();
    level = mirror().getLevel();
    appender.setContext(root().getLoggerContext());
    appender.start();
    root().addAppender(appender);
    mirror().setLevel(Level.DEBUG);
    mirror().setAdditive(false);
    mirror().addAppender(appender);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    root().detachAppender(appender);
    mirror().detachAppender(appender);
    mirror().setAdditive(true);
    mirror().setLevel(level);
    appender.stop();
  }

  /** Returns all events, in their order. */
  public List<ILoggingEvent> events() {
    return List.copyOf(events);
  }

  /** Returns the lines logged as WARN or ERROR, by any logger. */
  public List<String> warnings() {
    return select(Level.WARN, "");
  }

  /** Returns the lines that a thread logged above DEBUG. */
  public List<String> aboveDebugBy(String thread) {
    return select(Level.INFO, thread);
  }

  private List<String> select(Level least, String thread) {
    return events.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(least))
        .filter(event -> thread.isEmpty() || event.getThreadName().equals(thread))
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }
}
