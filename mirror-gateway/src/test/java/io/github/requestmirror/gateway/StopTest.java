package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A stop of the gateway waits for requests, not for connections. */
class StopTest extends GatewayInProcess {
  @Test
  void clientThatPausesInItsRequestIsServed() throws Exception {
    client.send(new byte[] {'a'}, "POST /x HTTP/1.1", "Host: h", "Content-Length: 2");
    assertThat(primary.readHead()).startsWith("POST");

    Thread stop = new Thread(gateway::close);
    try (RawClient idle = new RawClient(gateway.port())) {
      stop.start();
      // Jetty closes connections that are idle for one second. The other client pauses for longer.
      assertThatThrownBy(() -> idle.receive(false)).isInstanceOf(IOException.class);
    }
    client.out().write('b');

    assertThat(primary.readBytes(2)).isEqualTo("ab");
    primary.respond();
    HttpMessage response = client.receive(false);
    assertThat(response.status()).isEqualTo(200);
    stop.join(10_000);
    assertThat(stop.isAlive()).isFalse();
  }
}
