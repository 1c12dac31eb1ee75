package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicySettingsTest {

  private static Arguments bad(
      String setting, Object value, Consumer<MirrorPolicy.Builder> setter) {
    return Arguments.of(setting, value, setter);
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("methods", "''", b -> b.methods("")),
        bad("methods", "'GE T'", b -> b.methods("GET", "GE T")),
        bad("path", "'api'", b -> b.path("api")),
        bad("path", "'/a?b'", b -> b.path("/a?b")),
        bad("path", "'/a b'", b -> b.path("/a b")),
        bad("path", "'/ä'", b -> b.path("/ä")),
        bad("pathPrefix", "''", b -> b.pathPrefix("")),
        bad("pathPrefix", "'/#'", b -> b.pathPrefix("/#")),
        bad("header", "'X Y'", b -> b.header("X Y", "v")),
        bad("deny", "'*'", b -> b.deny("*", "*")),
        bad("deny", "'GET,'", b -> b.deny("GET,", "/x")),
        bad("deny", "'/a/../b'", b -> b.deny("GET", "/a/../b")),
        bad("fraction", "-0.1", b -> b.fraction(-0.1)),
        bad("fraction", "1.01", b -> b.fraction(1.01)),
        bad("fraction", "NaN", b -> b.fraction(Double.NaN)),
        bad("whenPrimaryResponds", "0", b -> b.whenPrimaryResponds(0)),
        bad("whenPrimaryResponds", "at least one", b -> b.whenPrimaryResponds()),
        bad("whenPrimaryResponds", "200", b -> b.whenPrimaryResponds(2, 200)),
        bad("setHeader", "'a:b'", b -> b.setHeader("a:b", "v")),
        bad("setHeader", "'Content-Length'", b -> b.setHeader("Content-Length", "1")),
        bad("addHeader", "'connection'", b -> b.addHeader("connection", "close")),
        bad("addHeader", "'host'", b -> b.addHeader("host", "h")),
        bad("removeHeader", "'Transfer-Encoding'", b -> b.removeHeader("Transfer-Encoding")),
        bad("removeHeader", "'a\nb'", b -> b.removeHeader("a\nb")),
        bad("host", "''", b -> b.host("")),
        bad("host", "'a b'", b -> b.host("a b")),
        bad("host", "'h:x'", b -> b.host("h:x")),
        bad("host", "'\u00e4'", b -> b.host("\u00e4")),
        bad("host", "'http://h'", b -> b.host("http://h")));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void setterRejectsInvalidValueAndNamesIt(
      String setting, Object value, Consumer<MirrorPolicy.Builder> setter) {
    assertThatThrownBy(() -> setter.accept(MirrorPolicy.builder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting + " ")
        .hasMessageContaining(value.toString());
  }

  static Stream<Arguments> secrets() {
    return Stream.of(
        bad("setHeader 'Authorization'", 11, b -> b.setHeader("Authorization", "Bearer hush\n")),
        bad("addHeader 'X-Key'", 4, b -> b.addHeader("X-Key", "hush\r")),
        bad("setHeader 'X-Key'", 4, b -> b.setHeader("X-Key", "hush\u20ac")),
        bad("header 'X-Key'", 4, b -> b.header("X-Key", "hush\u0000")),
        bad("host", 4, b -> b.host("hush\nX: y")));
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void rejectsInvalidHeaderValueWithoutShowingIt(
      String setting, Object index, Consumer<MirrorPolicy.Builder> setter) {
    assertThatThrownBy(() -> setter.accept(MirrorPolicy.builder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting)
        .hasMessageEndingWith("at index " + index)
        .hasMessageNotContaining("hush");
  }

  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  static Stream<Arguments> nulls() {
    return Stream.of(
        bad("methods", "", b -> b.methods((String) null)),
        bad("methods", "", b -> b.methods((String[]) null)),
        bad("path", "", b -> b.path(null)),
        bad("pathPrefix", "", b -> b.pathPrefix(null)),
        bad("header", "", b -> b.header(null, "v")),
        bad("header 'X'", "", b -> b.header("X", null)),
        bad("when", "", b -> b.when(null)),
        bad("deny", "", b -> b.deny(null, "/")),
        bad("deny", "", b -> b.deny("*", null)),
        bad("sampleBy", "", b -> b.sampleBy(null)),
        bad("order", "", b -> b.order(null)),
        bad("scope", "", b -> b.scope(null)),
        bad("whenPrimaryResponds", "", b -> b.whenPrimaryResponds((int[]) null)),
        bad("setHeader", "", b -> b.setHeader(null, "v")),
        bad("setHeader 'X'", "", b -> b.setHeader("X", null)),
        bad("addHeader", "", b -> b.addHeader(null, "v")),
        bad("addHeader 'X'", "", b -> b.addHeader("X", null)),
        bad("removeHeader", "", b -> b.removeHeader(null)),
        bad("host", "", b -> b.host(null)),
        bad("rewritePath", "", b -> b.rewritePath(null)));
  }

  @ParameterizedTest
  @MethodSource("nulls")
  void rejectsNullAndNamesTheSetting(
      String setting, Object none, Consumer<MirrorPolicy.Builder> setter) {
    assertThatThrownBy(() -> setter.accept(MirrorPolicy.builder()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage(setting);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 0.5, Double.MIN_VALUE})
  void acceptsFractionFrom0To1(double fraction) {
    assertThat(MirrorPolicy.builder().fraction(fraction).build().fraction()).isEqualTo(fraction);
  }

  @Test
  void toStringShowsDefaults() {
    assertThat(MirrorPolicy.builder().build().toString())
        .isEqualTo(
            "policy{methods=all, paths=[], pathPrefixes=[], predicates=0, denied=0, fraction=1.0 by"
                + " header X-Scope-OrgID, order=by method, orderKeys=no, readOnly=0, primaryStatuses=any,"
                + " forwardCredentials=false, traceContext=DROP, host=of target, keepContextPath=false,"
                + " rewritePath=no, headers=[]}");
  }

  @Test
  void toStringOmitsHeaderValuesAndToBuilderCopiesSettings() {
    MirrorPolicy policy =
        MirrorPolicy.builder()
            .methods("POST")
            .path("/a")
            .pathPrefix("/b/")
            .header("X-Match", "hush")
            .when(head -> true)
            .deny("*", "/flush")
            .fraction(0.25)
            .sampleRandomly()
            .order(MirrorOrder.FIFO)
            .readOnly("/read")
            .whenPrimaryResponds(2, 4)
            .forwardCredentials(true)
            .traceContext(MirrorTraceContext.KEEP)
            .host("h:1")
            .keepContextPath()
            .rewritePath(path -> path)
            .setHeader("Authorization", "hush")
            .addHeader("X-Added", "hush")
            .removeHeader("X-Gone")
            .build();
    String expected =
        "policy{methods=[POST], paths=[/a], pathPrefixes=[/b/], predicates=2, denied=1,"
            + " fraction=0.25 by request, order=FIFO, orderKeys=no, readOnly=1, primaryStatuses=[2xx, 4xx],"
            + " forwardCredentials=true, traceContext=KEEP, host=h:1, keepContextPath=true, rewritePath=yes,"
            + " headers=[set Authorization, add X-Added, remove X-Gone]}";
    assertThat(policy.toString()).isEqualTo(expected);
    assertThat(policy.toBuilder().build().toString()).isEqualTo(expected);
  }

  @Test
  void builderDoesNotChangeBuiltPolicy() {
    MirrorPolicy.Builder builder = MirrorPolicy.builder();
    MirrorPolicy policy = builder.build();
    builder.methods("POST").fraction(0).deny("*", "/x").setHeader("A", "b");
    assertThat(policy.toString()).isEqualTo(MirrorPolicy.builder().build().toString());
    assertThat(policy.toBuilder().build().toString()).isEqualTo(policy.toString());
  }
}
