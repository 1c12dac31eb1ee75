package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** A {@code web.xml}, a command line and an environment that say the same start the same mirror. */
class SameSettingsTest {
  private static final String PRIMARY = "http://127.0.0.1:1";

  /** By the name of the setting; the lines of a value are its elements. */
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("target", "http://127.0.0.1:2\nhttp://127.0.0.1:3/base"),
          Map.entry("maxRetries", "3"),
          Map.entry("bufferBytes", "8MiB"),
          Map.entry("maxBodyBytes", "1MiB"),
          Map.entry("maxQueueTime", "1m"),
          Map.entry("match", "all"),
          Map.entry("methods", "POST,PUT"),
          Map.entry("deny", "POST /admin\n/internal/*"),
          Map.entry("fraction", "0.5"),
          Map.entry("order", "fifo"),
          Map.entry("whenPrimaryResponds", "2,3"),
          Map.entry("setHeader", "X-A: 1\nX-B: 2"),
          Map.entry("removeHeader", "X-C"),
          Map.entry("basicAuth", "user:password"),
          Map.entry("traceContext", "unsampled"),
          Map.entry("keepHost", "true"),
          Map.entry("replacePathPrefix", "/api/prom /prometheus"),
          Map.entry("markerHeader", "X-Copy"),
          Map.entry("archive.target", "http://127.0.0.1:4"),
          Map.entry("archive.match", "writes"),
          Map.entry("archive.maxRetries", "0"),
          Map.entry("archive.setHeader", "X-D: 4\nX-E: 5"));

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  private interface Action {
    void run() throws Exception;
  }

  /** Returns what the mirror logs about its targets and policies when it starts. */
  private static List<String> targetsOf(Action action) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Mirror.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level level = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try {
      action.run();
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(level);
    }
    return lines.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith("mirroring to "))
        .toList();
  }

  private static void startFilter(Map<String, String> params) throws Exception {
    FilterHolder filter = new FilterHolder(new MirrorFilter());
    filter.setName("mirror");
    params.forEach(filter::setInitParameter);
    ServletContextHandler application = new ServletContextHandler("/app");
    application.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    Server server = new Server();
    server.setHandler(application);
    try {
      server.start();
    } finally {
      server.stop();
    }
  }

  private static Map<String, String> environment(Map<String, String> settings) {
    Map<String, String> variables = new HashMap<>();
    StringBuilder ofTargets = new StringBuilder();
    settings.forEach(
        (name, value) -> {
          if (name.indexOf('.') < 0) {
            variables.put(GatewayCommand.variable(name), value);
          } else {
            value.lines().forEach(line -> ofTargets.append(name + "=" + line + "\n"));
          }
        });
    variables.put("MIRROR_GATEWAY_PRIMARY", PRIMARY);
    if (ofTargets.length() > 0) {
      variables.put("MIRROR_GATEWAY_SET", ofTargets.toString());
    }
    return variables;
  }

  private static String[] arguments(Map<String, String> settings) {
    return settings.entrySet().stream()
        .flatMap(
            setting ->
                setting
                    .getValue()
                    .lines()
                    .map(
                        line ->
                            setting.getKey().indexOf('.') < 0
                                ? GatewayCommand.option(setting.getKey()) + "=" + line
                                : "--set=" + setting.getKey() + "=" + line))
        .toArray(String[]::new);
  }

  private static GatewayOptions byArguments(Map<String, String> settings) {
    return GatewayOptions.parse(Map.of("MIRROR_GATEWAY_PRIMARY", PRIMARY), arguments(settings));
  }

  @Test
  void startTheSameTargetsAndPolicies() throws Exception {
    List<String> byFilter = targetsOf(() -> startFilter(SETTINGS));
    byFilter.forEach(System.out::println);
    assertThat(byFilter).hasSize(3);
    assertThat(
            targetsOf(
                () ->
                    GatewayOptions.parse(environment(SETTINGS))
                        .mirror()
                        .toMirror()
                        .start()
                        .close()))
        .isEqualTo(byFilter);
    assertThat(targetsOf(() -> byArguments(SETTINGS).mirror().toMirror().start().close()))
        .isEqualTo(byFilter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxRetries | 101 | ' = ''101'': must be a whole number from 0 to 100'",
        "bufferBytes | 1MB | ' = ''1MB'': must be a size such as 65536, 64KiB or 16MiB, from 64KiB to 64GiB'",
        "maxQueueTime | 15S | ' = ''15S'': must be a duration such as 500ms, 15s or 1m, from 1ms to 24h'",
        "order | strict | ' = ''strict'': must be ''causal'', ''fifo'' or ''none'''",
        "setHeader | secret | ': must have the form ''NAME: VALUE'''",
        "archive.fraction | 2 | ' = ''2'': must be a number from 0 to 1'",
      })
  void wrongValueFailsTheStartWithTheSameMessage(String name, String value, String message) {
    Map<String, String> wrong = new LinkedHashMap<>(SETTINGS);
    wrong.put(name, value);
    boolean ofTarget = name.indexOf('.') > 0;
    String variable = ofTarget ? "MIRROR_GATEWAY_SET " + name : GatewayCommand.variable(name);
    String option = ofTarget ? "--set " + name : GatewayCommand.option(name);
    assertThatThrownBy(() -> startFilter(wrong))
        .hasMessage("filter 'mirror': init-param '" + name + "'" + message);
    assertThatThrownBy(() -> GatewayOptions.parse(environment(wrong)))
        .hasMessage(variable + message);
    assertThatThrownBy(() -> byArguments(wrong)).hasMessage(option + message);
  }
}
