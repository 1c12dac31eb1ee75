package io.github.requestmirror.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Conservation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExampleTest {
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(screen, true, StandardCharsets.UTF_8);

  static Stream<Arguments> examples() {
    return Stream.of(
        example("OkHttp", OkHttpExample::run), example("HttpClient 5", HttpClient5Example::run));
  }

  private static Arguments example(String name, Example example) {
    return Arguments.of(name, example);
  }

  @AfterEach
  void noThreadIsLeft() {
    Conservation.awaitNoThreads();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void everyPushReachesBothClusters(String name, Example example) throws Exception {
    try (Cluster primary = new Cluster();
        Cluster secondary = new Cluster()) {
      assertThat(example.run(primary.uri(), secondary.uri(), out)).isTrue();
      assertThat(primary.samples()).isEqualTo(40);
      assertThat(secondary.samples()).isEqualTo(40);
    }
    assertThat(screen.toString(StandardCharsets.UTF_8))
        .contains("primary stored 20 of 20 pushes", "ACCEPTED=20");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void refusingSecondary_isReportedAndDoesNotAffectThePrimary(String name, Example example)
      throws Exception {
    try (Cluster primary = new Cluster();
        Socket refusing = new Socket()) {
      // Bound but not listening, so that connections are refused and the port stays reserved.
      refusing.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      URI secondary = URI.create("http://127.0.0.1:" + refusing.getLocalPort());
      assertThat(example.run(primary.uri(), secondary, out)).isFalse();
      assertThat(primary.samples()).isEqualTo(40);
    }
    assertThat(screen.toString(StandardCharsets.UTF_8)).contains("20 of 20", "ACCEPTED=0");
  }
}
