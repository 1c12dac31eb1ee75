package io.github.requestmirror.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Base of tests with one gateway process, a client, and two clusters. */
abstract class PassThrough {
  static final byte[] NOTHING = new byte[0];
  static TestTarget primary;
  static TestTarget secondary;
  static GatewayProcess gateway;
  RawClient client;

  @BeforeAll
  static void start() throws Exception {
    primary = new TestTarget();
    secondary = new TestTarget();
    gateway = GatewayProcess.start(primary.uri(), secondary.uri());
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
    primary.close();
    secondary.close();
  }

  @BeforeEach
  void connect() throws Exception {
    primary.requests().clear();
    secondary.requests().clear();
    primary.behave(TestTarget.status(200));
    client = gateway.connect();
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
    // A late copy must not count as one of the next test.
    await().untilAsserted(() -> assertThat(gateway.stats().path("pending").asInt(-1)).isZero());
  }

  static HttpMessage atPrimary() {
    return primary.requests().get(0);
  }

  static HttpMessage atSecondary() {
    await().untilAsserted(() -> assertThat(secondary.requests()).isNotEmpty());
    return secondary.requests().get(0);
  }

  static TestTarget.Behaviour raw(String head, byte[] body) {
    return (request, out) -> {
      out.write((head + "\r\n\r\n").getBytes(ISO_8859_1));
      out.write(body);
      out.flush();
    };
  }
}
