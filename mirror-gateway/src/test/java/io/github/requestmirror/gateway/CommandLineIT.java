package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineIT {
  private static final byte[] NOTHING = new byte[0];
  private static final String PRIMARY = "--primary=http://127.0.0.1:1";
  private static final String MIRROR = "--target=http://127.0.0.1:2";

  private static void assertUsageError(GatewayProcess gateway, String... named) throws Exception {
    assertThat(gateway.awaitExit()).isEqualTo(2);
    assertThat(gateway.out()).isEmpty();
    assertThat(gateway.err()).hasSize(1);
    assertThat(gateway.err().get(0)).startsWith("mirror-gateway: ").contains(named);
  }

  @ParameterizedTest
  @CsvSource({
    "--fraction=2, --fraction, from 0 to 1",
    "--buffer-bytes=lots, --buffer-bytes, lots",
    "--target=http://:0, --target, http://:0",
    "--what, --what, --what",
  })
  void invalidOption(String argument, String option, String value) throws Exception {
    assertUsageError(GatewayProcess.run(PRIMARY, MIRROR, argument), option, value);
  }

  @Test
  void missingOption() throws Exception {
    assertUsageError(GatewayProcess.run(MIRROR), "--primary");
    assertUsageError(GatewayProcess.run(PRIMARY), "--target");
  }

  @ParameterizedTest
  @CsvSource({"--listen, --admin", "--admin, --listen"})
  void portInUse(String option, String other) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String argument = option + "=" + taken.getLocalPort();
      assertUsageError(
          GatewayProcess.run(PRIMARY, MIRROR, "--bind=127.0.0.1", other + "=0", argument),
          argument,
          "Address already in use");
    }
  }

  @Test
  void addressOfAnotherHost() throws Exception {
    assertUsageError(
        GatewayProcess.run(PRIMARY, MIRROR, "--bind=192.0.2.1", "--listen=0"), "--bind=192.0.2.1");
  }

  @Test
  void helpAndVersion() throws Exception {
    GatewayProcess help = GatewayProcess.run("--help");
    assertThat(help.awaitExit()).isZero();
    assertThat(help.out()).anyMatch(line -> line.contains("--primary-timeout=TIME"));
    assertThat(help.err()).isEmpty();

    GatewayProcess version = GatewayProcess.run("--version");
    assertThat(version.awaitExit()).isZero();
    assertThat(version.out()).singleElement().asString().matches("mirror-gateway \\d.*");
  }

  @Test
  void sigterm_completesPendingRequestsAndPrintsStatistics() throws Exception {
    CountDownLatch responding = new CountDownLatch(1);
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway = GatewayProcess.start(primary.uri(), secondary.uri());
        RawClient client = gateway.connect()) {
      primary.behave(
          (request, out) -> {
            responding.await();
            TestTarget.status(200).handle(request, out);
          });
      client.send(new byte[] {1, 2, 3}, "POST /p HTTP/1.1", "Host: h", "Content-Length: 3");
      await().untilAsserted(() -> assertThat(primary.requests()).hasSize(1));

      gateway.terminate();
      await()
          .untilAsserted(
              () -> assertThat(gateway.admin("GET", "/ready").statusCode()).isEqualTo(503));
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> new RawClient(gateway.port()))
                      .isInstanceOf(ConnectException.class));
      responding.countDown();

      HttpMessage response = client.receive(false);
      assertThat(response.status()).isEqualTo(200);
      assertThat(gateway.awaitExit()).isZero();
      assertThat(secondary.requests()).hasSize(1);
      assertThat(gateway.out()).hasSize(2);
      assertThat(gateway.out().get(1))
          .startsWith("mirror 127.0.0.1:" + secondary.port() + "{offered=1, responded=1,");
    }
  }

  @Test
  void sigterm_doesNotWaitForIdleConnections() throws Exception {
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget();
        GatewayProcess gateway = GatewayProcess.start(primary.uri(), secondary.uri());
        RawClient client = gateway.connect()) {
      client.exchange(NOTHING, "GET /p HTTP/1.1", "Host: h");
      long start = System.nanoTime();
      gateway.terminate();
      assertThat(gateway.awaitExit()).isZero();
      assertThat(System.nanoTime() - start).isLessThan(8_000_000_000L);
    }
  }
}
