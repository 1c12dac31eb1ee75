package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.Test;

/** During the drain delay, load balancers see that the gateway stops, and it still serves. */
class DrainDelayTest extends GatewayInProcess {
  @Override
  List<String> options() {
    return List.of("--drain-delay=10m");
  }

  @Test
  void servesWhileItIsNotReady() throws Exception {
    Thread stop = new Thread(gateway::close);
    stop.start();
    await().untilAsserted(() -> assertThat(admin("GET /ready", "").status()).isEqualTo(503));
    assertThat(admin("GET /live", "").status()).isEqualTo(200);

    client.send(new byte[0], "GET /x HTTP/1.1", "Host: h");
    primary.readHead();
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    assertThat(stop.isAlive()).isTrue();

    // An interrupt ends the delay.
    stop.interrupt();
    stop.join(20_000);
    assertThat(stop.isAlive()).isFalse();
  }
}
