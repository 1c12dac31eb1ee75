package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetSettingsTest {
  private static final URI SOME = URI.create("http://secondary:9009/base");
  private static final Duration TOO_LONG = Duration.ofDays(1).plusNanos(1);

  private static Arguments bad(
      String setting, Object value, Consumer<MirrorTarget.Builder> setter) {
    return Arguments.of(setting, value, setter);
  }

  static Stream<Arguments> badValues() {
    return Stream.of(
        bad("name", "' '", b -> b.name(" ")),
        bad("name", "''", b -> b.name("")),
        bad("maxInFlight", 0, b -> b.maxInFlight(0)),
        bad("maxInFlight", -1, b -> b.maxInFlight(-1)),
        bad("maxInFlight", 10_001, b -> b.maxInFlight(10_001)),
        bad("bufferBytes", 65_535, b -> b.bufferBytes(65_535)),
        bad("bufferBytes", Long.MAX_VALUE, b -> b.bufferBytes(Long.MAX_VALUE)),
        bad("maxBodyBytes", -1, b -> b.maxBodyBytes(-1)),
        bad("maxBodyBytes", (1L << 30) + 1, b -> b.maxBodyBytes((1L << 30) + 1)),
        bad("maxQueueTime", Duration.ZERO, b -> b.maxQueueTime(Duration.ZERO)),
        bad("maxQueueTime", TOO_LONG, b -> b.maxQueueTime(TOO_LONG)),
        bad("maxQueueTime", "PT-1S", b -> b.maxQueueTime(Duration.ofSeconds(-1))),
        bad("connectTimeout", Duration.ZERO, b -> b.connectTimeout(Duration.ZERO)),
        bad("connectTimeout", TOO_LONG, b -> b.connectTimeout(TOO_LONG)),
        bad("callTimeout", Duration.ofNanos(1), b -> b.callTimeout(Duration.ofNanos(1))),
        bad("callTimeout", TOO_LONG, b -> b.callTimeout(TOO_LONG)),
        bad("maxRetries", -1, b -> b.maxRetries(-1)),
        bad("maxRetries", 101, b -> b.maxRetries(101)),
        bad("maxResponseBytes", -1, b -> b.maxResponseBytes(-1)),
        bad("maxResponseBytes", 1L << 31, b -> b.maxResponseBytes(1L << 31)),
        bad(
            "dnsRefreshInterval",
            Duration.ofMillis(99),
            b -> b.dnsRefreshInterval(Duration.ofMillis(99))),
        bad("dnsRefreshInterval", TOO_LONG, b -> b.dnsRefreshInterval(TOO_LONG)),
        bad("connectionTimeToLive", Duration.ZERO, b -> b.connectionTimeToLive(Duration.ZERO)),
        bad("connectionTimeToLive", TOO_LONG, b -> b.connectionTimeToLive(TOO_LONG)),
        bad("drainTimeout", "PT-0.001S", b -> b.drainTimeout(Duration.ofMillis(-1))),
        bad("drainTimeout", TOO_LONG, b -> b.drainTimeout(TOO_LONG)));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void setterRejectsInvalidValueAndNamesIt(
      String setting, Object value, Consumer<MirrorTarget.Builder> setter) {
    assertThatThrownBy(() -> setter.accept(MirrorTarget.builder(SOME)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting + " ")
        .hasMessageContaining(value.toString());
  }

  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  static Stream<Arguments> nulls() {
    return Stream.of(
        bad("name", "", b -> b.name(null)),
        bad("maxQueueTime", "", b -> b.maxQueueTime(null)),
        bad("connectTimeout", "", b -> b.connectTimeout(null)),
        bad("callTimeout", "", b -> b.callTimeout(null)),
        bad("dnsRefreshInterval", "", b -> b.dnsRefreshInterval(null)),
        bad("connectionTimeToLive", "", b -> b.connectionTimeToLive(null)),
        bad("drainTimeout", "", b -> b.drainTimeout(null)),
        bad("sslContext", "", b -> b.sslContext(null)),
        bad("uri", "", b -> MirrorTarget.builder(null)));
  }

  @ParameterizedTest
  @MethodSource("nulls")
  void rejectsNullAndNamesTheSetting(
      String setting, Object none, Consumer<MirrorTarget.Builder> setter) {
    assertThatThrownBy(() -> setter.accept(MirrorTarget.builder(SOME)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage(setting);
  }

  @Test
  void buildRejectsMaxBodyBytesAboveBufferBytes() {
    MirrorTarget.Builder builder =
        MirrorTarget.builder(SOME).bufferBytes(1 << 20).maxBodyBytes((1 << 20) + 1);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("maxBodyBytes 1048577", "bufferBytes 1048576");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://h/",
        "/path",
        "h:9009",
        "http:///x",
        "http:opaque",
        "http://h:0",
        "http://h:65536",
        "http://h/?q",
        "http://h/#f",
        "http://under_score:9009"
      })
  void rejectsInvalidUriAndShowsIt(String uri) {
    assertThatThrownBy(() -> MirrorTarget.of(URI.create(uri)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("uri '" + uri + "' must");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://admin:hunter2@h/",
        "ftp://admin:hunter2@h/",
        "http://admin:hunter2@under_score:9009/",
        "http://admin:hunter2@/",
        "http:admin:hunter2@h",
        "http://admin:hunter2@h:0/x",
        "http://admin:hunter2@h/?q"
      })
  void exceptionDoesNotShowPassword(String uri) {
    assertThatThrownBy(() -> MirrorTarget.of(URI.create(uri)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("uri '")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void nameIsHostPortAndPathByDefault() {
    assertThat(MirrorTarget.of(URI.create("http://h")).name()).isEqualTo("h:80");
    assertThat(MirrorTarget.of(URI.create("HTTPS://h")).name()).isEqualTo("h:443");
    assertThat(MirrorTarget.of(URI.create("http://[::1]:9009/")).name()).isEqualTo("[::1]:9009");
    assertThat(MirrorTarget.of(URI.create("http://h:1/a/b")).name()).isEqualTo("h:1/a/b");
  }

  @Test
  void toStringShowsFiniteDefaults() {
    assertThat(MirrorTarget.of(SOME).toString())
        .isEqualTo(
            "secondary:9009/base{uri=http://secondary:9009/base, maxInFlight=64, bufferBytes=67108864,"
                + " maxBodyBytes=16777216, maxQueueTime=PT30S, connectTimeout=PT1S, callTimeout=PT10S,"
                + " maxRetries=0, maxResponseBytes=65536, dnsRefreshInterval=PT5S, connectionTimeToLive=PT5M,"
                + " drainTimeout=PT5S, tls=default}");
  }

  @Test
  void toStringShowsAllSettingsAndToBuilderCopiesThem() throws NoSuchAlgorithmException {
    MirrorTarget target =
        MirrorTarget.builder(SOME)
            .name("n")
            .maxInFlight(1)
            .bufferBytes(1 << 20)
            .maxBodyBytes(2)
            .maxQueueTime(Duration.ofSeconds(3))
            .connectTimeout(Duration.ofSeconds(4))
            .callTimeout(Duration.ofSeconds(5))
            .maxRetries(10)
            .maxResponseBytes(6)
            .dnsRefreshInterval(Duration.ofSeconds(7))
            .connectionTimeToLive(Duration.ofSeconds(8))
            .drainTimeout(Duration.ofSeconds(9))
            .sslContext(SSLContext.getDefault())
            .build();
    for (MirrorTarget each : List.of(target, target.toBuilder().build())) {
      assertThat(each.toString())
          .isEqualTo(
              "n{uri=http://secondary:9009/base, maxInFlight=1, bufferBytes=1048576,"
                  + " maxBodyBytes=2, maxQueueTime=PT3S, connectTimeout=PT4S, callTimeout=PT5S,"
                  + " maxRetries=10, maxResponseBytes=6, dnsRefreshInterval=PT7S, connectionTimeToLive=PT8S,"
                  + " drainTimeout=PT9S, tls=custom}");
      assertThat(each.sslContext()).isSameAs(SSLContext.getDefault());
    }
  }

  @Test
  void builderDoesNotChangeBuiltTarget() {
    MirrorTarget.Builder builder = MirrorTarget.builder(SOME);
    MirrorTarget target = builder.build();
    builder.maxInFlight(1);
    assertThat(target.maxInFlight()).isEqualTo(64);
  }
}
