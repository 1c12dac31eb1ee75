package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.Conservation;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The init-params of a {@code web.xml}, and the messages about wrong ones. */
class InitParamsTest {
  private static final String TARGET = "http://127.0.0.1:9";

  private static FilterConfig config(String... namesAndValues) {
    Map<String, String> params = new HashMap<>();
    params.put("target", TARGET);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      params.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new ContextAttributes.Config(
        "copies", ContextAttributes.context("/app", new HashMap<>()), params);
  }

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          target | "" | missing
          target | ftp://x | http://
          target | secondary:9009 | http://
          target | http:///path | host
          target | http://x:99999 | port
          target | http://x?y | query
          target | http://a b | index
          match | some | 'writes', 'all' or 'custom'
          fraction | half | from 0 to 1
          fraction | 1.5 | from 0 to 1
          fraction | NaN | from 0 to 1
          order | strict | 'causal', 'fifo' or 'none'
          forwardCredentials | yes | 'true' or 'false'
          keepHost | 1 | 'true' or 'false'
          keepContextPath | TRUE | 'true' or 'false'
          whenPrimaryResponds | ok | whole number
          whenPrimaryResponds | 2,6 | from 1 to 5
          whenPrimaryResponds | "" | at least one
          whenPrimaryResponds | , | at least one
          name | "" | blank
          maxInFlight | many | whole number
          maxInFlight | 0 | from 1
          bufferBytes | 1 | from 64KiB to 64GiB
          bufferBytes | 1MB | 16MiB
          bufferBytes | 999999999999999GiB | from 64KiB to 64GiB
          maxBodyBytes | -1 | 16MiB
          maxRetries | many | whole number
          maxRetries | 101 | from 0 to 100
          maxQueueTime | 30 | 15s
          maxQueueTime | 0s | from
          connectTimeout | 1 s | 15s
          callTimeout | 99999h | from
          maxResponseBytes | x | 16MiB
          dnsRefreshInterval | 1ms | from
          connectionTimeToLive | PT1M | 15s
          drainTimeout | -1s | 15s
          markerHeader | a b | markerHeader
          markerHeader | "" | markerHeader
          mbeanName | "" | mbeanName is blank
          tagret | x | must be one of
          second.tagret | x | must be one of
          second.name | x | must be 'name'
          second.markerHeader | x | must be 'markerHeader'
          """)
  void messageNamesTheWrongParameterItsValueAndTheAllowedOnes(
      String name, @Nullable String value, String right) {
    String actual = value == null ? "" : value;
    assertThatThrownBy(() -> new MirrorFilter().init(config(name, actual)))
        .isInstanceOf(ServletException.class)
        .hasMessageContaining("filter 'copies'")
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining(right)
        .satisfies(
            e -> {
              if (!right.equals("missing") && !right.contains("must be")) {
                assertThat(e).hasMessageContaining("'" + name + "' = '" + actual + "'");
              }
            });
  }

  @Test
  void bodyLimitAboveTheBufferIsRejected() {
    assertThatThrownBy(
            () -> new MirrorFilter().init(config("bufferBytes", "1MiB", "maxBodyBytes", "2MiB")))
        .isInstanceOf(ServletException.class)
        .hasMessageContaining("filter 'copies'")
        .hasMessageContaining("maxBodyBytes 2097152")
        .hasMessageContaining("bufferBytes 1048576");
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:secret@host:9009, http://***@host:9009",
    "http://user:se/secret@ho st, http://***@ho st",
    "user:secret@host, ***@host"
  })
  void passwordInTheTargetIsNotShown(String target, String shown) {
    assertThatThrownBy(() -> new MirrorFilter().init(config("target", target)))
        .isInstanceOf(ServletException.class)
        .satisfies(
            e -> {
              StringWriter trace = new StringWriter();
              e.printStackTrace(new PrintWriter(trace));
              assertThat(trace.toString())
                  .contains("'target' = '" + shown + "'")
                  .doesNotContain("secret");
            });
  }

  @Test
  void everyParameterCanBeSet() throws Exception {
    MirrorFilter filter = new MirrorFilter();
    filter.init(
        config(
            "match", "writes",
            "fraction", "0.5",
            "order", "fifo",
            "forwardCredentials", "true",
            "keepHost", "true",
            "keepContextPath", "true",
            "whenPrimaryResponds", "2, 3",
            "name", "second cluster",
            "maxInFlight", "8",
            "bufferBytes", "1GiB",
            "maxBodyBytes", " 16MiB ",
            "maxRetries", "3",
            "maxQueueTime", "1m",
            "connectTimeout", "500ms",
            "callTimeout", "15s",
            "maxResponseBytes", "0",
            "dnsRefreshInterval", "1h",
            "connectionTimeToLive", "2m",
            "drainTimeout", "0s",
            "markerHeader", "X-Copy",
            "mbeanName", "copies of gw"));
    filter.destroy();
  }

  @Test
  void containerOfAnEarlierVersionIsRefused() {
    FilterConfig config =
        new ContextAttributes.Config(
            "copies",
            ContextAttributes.context("/app", new HashMap<>(), 5),
            Map.of("target", TARGET));
    assertThatThrownBy(() -> new MirrorFilter().init(config))
        .isInstanceOf(ServletException.class)
        .hasMessage(
            "filter 'copies': the container has Jakarta Servlet 5.0, must be 6.0 or newer, as in"
                + " Jetty 12, Tomcat 10.1 and Undertow 2.3");
  }

  /** Containers do this if a context is stopped and started. */
  @Test
  void filterCanBeStartedAgain() throws Exception {
    MirrorFilter filter = new MirrorFilter();
    for (int i = 0; i < 2; i++) {
      filter.init(config("name", "again"));
      assertThat(Thread.getAllStackTraces().keySet())
          .anyMatch(thread -> thread.getName().startsWith("mirror-again"));
      filter.destroy();
      Conservation.awaitNoThreads();
    }
  }
}
