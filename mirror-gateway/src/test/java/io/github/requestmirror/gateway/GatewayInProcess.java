package io.github.requestmirror.gateway;

import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Base of tests with a gateway in this process, two clients, and a {@link RecordedPrimary}. */
abstract class GatewayInProcess {
  /** A body that does harm if the primary reads it as a request. */
  static final String SMUGGLED =
      "DELETE /api/v1/rules/ns/group HTTP/1.1\r\nHost: h\r\nX-Scope-OrgID: victim-tenant\r\n\r\n";

  @RegisterExtension final Conservation conservation = new Conservation();
  RecordedPrimary primary;
  TestTarget secondary;
  Gateway gateway;
  RawClient client;
  RawClient otherClient;

  @BeforeEach
  void start() throws Exception {
    primary = new RecordedPrimary();
    secondary = new TestTarget();
    List<String> options =
        new ArrayList<>(
            List.of(
                "--bind=127.0.0.1",
                "--listen=0",
                "--admin=0",
                // The requests are not writes.
                "--match=all",
                "--primary=" + primary.uri(),
                "--target=" + secondary.uri()));
    options.addAll(options());
    gateway = Gateway.start(GatewayOptions.parse(options.toArray(String[]::new)));
    conservation.watch(gateway.mirror());
    client = new RawClient(gateway.port());
    otherClient = new RawClient(gateway.port());
  }

  /** Returns further options. */
  List<String> options() {
    return List.of();
  }

  /** Sends a request to the admin port. */
  HttpMessage admin(String request, String body, String... headers) throws IOException {
    String[] lines = new String[headers.length + 3];
    lines[0] = request + " HTTP/1.1";
    lines[1] = "Host: h";
    lines[2] = "Content-Length: " + body.length();
    System.arraycopy(headers, 0, lines, 3, headers.length);
    try (RawClient admin = new RawClient(gateway.adminPort())) {
      return admin.exchange(body.getBytes(StandardCharsets.US_ASCII), lines);
    }
  }

  static String text(HttpMessage response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    otherClient.close();
    // Closed before the gateway, which would otherwise wait for a response that never arrives.
    primary.close();
    gateway.close();
    secondary.close();
  }

  MirrorStats.Target target() {
    return gateway.mirror().stats().targets().get(0);
  }

  /** Closes the gateway and asserts that the test has read every byte sent to the primary. */
  void assertNothingMoreAtPrimary() throws Exception {
    client.close();
    otherClient.close();
    gateway.close();
    primary.assertNothingMore();
  }
}
