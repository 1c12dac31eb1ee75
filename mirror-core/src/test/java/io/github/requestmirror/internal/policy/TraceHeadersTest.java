package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.internal.policy.RequestRewriter.Edit;
import io.github.requestmirror.internal.policy.RequestRewriter.Host;
import io.github.requestmirror.internal.send.TargetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceHeadersTest {
  private static final TargetAddress TARGET = TargetAddress.of(URI.create("http://secondary"));
  private static final String ID = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  private static final String[] ALL = {
    "traceparent",
    "00-" + ID + "-" + SPAN + "-01",
    "TraceState",
    "vendor=s:1",
    "X-Scope-OrgID",
    "tenant",
    "b3",
    ID + "-" + SPAN + "-1-" + SPAN,
    "X-B3-TraceId",
    ID,
    "x-b3-spanid",
    SPAN,
    "X-B3-ParentSpanId",
    SPAN,
    "X-B3-Sampled",
    "1",
    "X-B3-Flags",
    "1",
    "uber-trace-id",
    "6f1:b7:0:3",
    "jaeger-debug-id",
    "x",
    "baggage",
    "a=b"
  };

  private static List<String> copied(
      MirrorTraceContext traceContext, List<Edit> edits, String... headers) {
    HeaderRewriter rewriter = new HeaderRewriter(edits, false, traceContext, Host.ofTarget());
    Headers copy = rewriter.rewrite(Headers.of(headers), TARGET, "X-Mirror", "1");
    List<String> lines = new ArrayList<>();
    for (int i = 1; i < copy.size() - 1; i++) {
      lines.add(copy.name(i) + ": " + copy.value(i));
    }
    return lines;
  }

  private static List<String> unsampled(String... headers) {
    return copied(MirrorTraceContext.UNSAMPLED, List.of(), headers);
  }

  @Test
  void dropRemovesTheContextAndNothingElse() {
    assertThat(copied(MirrorTraceContext.DROP, List.of(), ALL))
        .containsExactly("X-Scope-OrgID: tenant", "baggage: a=b");
  }

  @Test
  void keepChangesNothing() {
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < ALL.length; i += 2) {
      sent.add(ALL[i] + ": " + ALL[i + 1]);
    }
    assertThat(copied(MirrorTraceContext.KEEP, List.of(), ALL)).isEqualTo(sent);
  }

  @Test
  void unsampledKeepsTheIdentifiersOnly() {
    assertThat(unsampled(ALL))
        .containsExactly(
            "X-Scope-OrgID: tenant",
            "baggage: a=b",
            "traceparent: 00-" + ID + "-" + SPAN + "-00",
            "b3: " + ID + "-" + SPAN + "-0-" + SPAN,
            "X-B3-TraceId: " + ID,
            "X-B3-SpanId: " + SPAN,
            "X-B3-ParentSpanId: " + SPAN,
            "X-B3-Sampled: 0",
            "uber-trace-id: 6f1:b7:0:0");
  }

  /** A request without a context must not get one. */
  @Test
  void unsampledAddsNothingToAnotherRequest() {
    assertThat(unsampled("X-A", "1", "X-B", "2")).containsExactly("X-A: 1", "X-B: 2");
  }

  @ParameterizedTest
  @CsvSource({
    "00-@-#-00, 00-@-#-00",
    "00-@-#-ff, 00-@-#-02",
    "00-@-#-03, 00-@-#-02",
    "' 00-@-#-01 ', 00-@-#-00",
    // A later version is sent in the one that is known here.
    "cc-@-#-01, 00-@-#-00",
    "cc-@-#-01-what, 00-@-#-00",
  })
  void sampledFlagOfTraceparentIsCleared(String value, String sent) {
    assertThat(unsampled("Traceparent", filled(value)))
        .containsExactly("traceparent: " + filled(sent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-@-#",
        "00-@-#-1",
        "00-@-#-0g",
        "00-@-#-01-",
        "00-@-#-01-what",
        "cc-@-#-01what",
        "ff-@-#-01",
        "0-@-#-01",
        "00-0@-#-01",
        "00-@-0#-01",
        "00-00000000000000000000000000000000-#-01",
        "00-@-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-#-01",
        "00-@-#-01, 00-@-#-01",
      })
  void traceparentThatIsNotValidIsDropped(String value) {
    assertThat(unsampled("traceparent", filled(value), "tracestate", "a=b")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 0",
    "d, 0",
    "@-#, @-#-0",
    "@-#-1, @-#-0",
    "@-#-d, @-#-0",
    "8448eb211c80319c-#-1-#, 8448eb211c80319c-#-0-#",
  })
  void samplingStateOfB3IsZero(String value, String sent) {
    assertThat(unsampled("B3", filled(value))).containsExactly("b3: " + filled(sent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2",
        "true",
        "@",
        "@-#-",
        "@-#-2",
        "@-#-#",
        "@-#-1-",
        "@-#-1-1",
        "@-#-1-#-",
        "1@-#-1",
        "00000000000000000000000000000000-#-1",
        "0000000000000000-#-1",
        "@-0000000000000000-1",
        "@-#-1-0000000000000000",
      })
  void b3ThatIsNotValidIsDropped(String value) {
    assertThat(unsampled("b3", filled(value))).isEmpty();
  }

  static Stream<List<String>> decisions() {
    return Stream.of(
        List.of("X-B3-Sampled", "1"),
        List.of("X-B3-Sampled", "true"),
        List.of("X-B3-Sampled", "0"),
        List.of("X-B3-Flags", "1"));
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void decisionWithoutIdentifiersIsNotToSample(List<String> headers) {
    assertThat(unsampled(headers.toArray(String[]::new))).containsExactly("X-B3-Sampled: 0");
  }

  /** Without the header the decision would be the target's. */
  @Test
  void identifiersOfB3GetTheDecisionNotToSample() {
    assertThat(unsampled("X-B3-TraceId", ID, "X-B3-SpanId", SPAN))
        .containsExactly("X-B3-TraceId: " + ID, "X-B3-SpanId: " + SPAN, "X-B3-Sampled: 0");
  }

  @ParameterizedTest
  @CsvSource({
    "X-B3-TraceId, @, X-B3-Sampled, 1",
    "X-B3-SpanId, #, X-B3-Sampled, 1",
    "X-B3-ParentSpanId, #, X-B3-Sampled, 1",
    "X-B3-TraceId, @, X-B3-SpanId, 1",
    "X-B3-TraceId, 1@, X-B3-SpanId, #",
    "X-B3-TraceId, 0000000000000000, X-B3-SpanId, #",
    "X-B3-Sampled, 2, X-B3-Flags, 1",
    "X-B3-Sampled, d, X-B3-Flags, 0",
    "X-B3-Flags, 2, X-B3-Sampled, 1",
    "X-B3-Other, 1, X-B3-More, 1",
  })
  void headersOfB3ThatAreNotValidAreDropped(
      String name, String value, String otherName, String other) {
    assertThat(unsampled(name, filled(value), otherName, filled(other))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "6F1:b7:0:1, 6F1:b7:0:0",
    "@:#:#:3, @:#:#:0",
    "6f1:b7:0:0f, 6f1:b7:0:0",
    "6f1%3Ab7%3a0%3A1, 6f1%3Ab7%3a0%3A0",
  })
  void flagsOfJaegerAreZero(String value, String sent) {
    assertThat(unsampled("Uber-Trace-Id", filled(value)))
        .containsExactly("uber-trace-id: " + filled(sent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "6f1:b7:0",
        "6f1:b7:0:",
        "6f1:b7:0:100",
        "0:b7:0:1",
        "6f1:00:0:1",
        "6f1%3A0%3Ab7%3A1",
        "6f1::0:1",
        "0@:b7:0:1",
      })
  void jaegerThatIsNotValidIsDropped(String value) {
    assertThat(unsampled("uber-trace-id", filled(value))).isEmpty();
  }

  @Test
  void repeatedHeadersAreDropped() {
    String parent = "00-" + ID + "-" + SPAN + "-01";
    assertThat(
            unsampled(
                "traceparent",
                parent,
                "Traceparent",
                parent,
                "b3",
                "1",
                "b3",
                "1",
                "X-B3-Sampled",
                "1",
                "X-B3-Sampled",
                "1",
                "uber-trace-id",
                "1:1:0:1",
                "uber-trace-id",
                "1:1:0:1"))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(MirrorTraceContext.class)
  void editsOfThePolicyWin(MirrorTraceContext traceContext) {
    assertThat(
            copied(
                traceContext,
                List.of(
                    Edit.set("traceparent", "own"),
                    Edit.remove("b3"),
                    Edit.remove("X-B3-Sampled"),
                    Edit.remove("uber-trace-id")),
                "traceparent",
                "00-" + ID + "-" + SPAN + "-01",
                "b3",
                "1",
                "X-B3-Sampled",
                "1",
                "uber-trace-id",
                "1:1:0:1"))
        .containsExactly("traceparent: own");
  }

  @ParameterizedTest
  @EnumSource(MirrorTraceContext.class)
  void headersThatConnectionNamesAreDropped(MirrorTraceContext traceContext) {
    assertThat(
            copied(
                traceContext,
                List.of(),
                "Connection",
                "traceparent, X-B3-Sampled",
                "traceparent",
                "00-" + ID + "-" + SPAN + "-01",
                "X-B3-Sampled",
                "1"))
        .isEmpty();
  }

  @Test
  void documentationListsTheNames() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "configuration.md"));
    assertThat(TraceHeaders.NAMES).allMatch(name -> page.contains("`" + name + "`"));
    assertThat(page).contains("`X-B3-*`");
  }

  private static String filled(String value) {
    return value.replace("@", ID).replace("#", SPAN);
  }
}
