package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.TestTarget;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Host that the primary receives. */
class PrimaryHostTest {
  @ParameterizedTest
  @CsvSource({
    "client, client:1",
    "primary, 127.0.0.1:PORT",
    "cluster.example:8, cluster.example:8"
  })
  void hostIsThatOfTheOption(String option, String expected) throws Exception {
    try (TestTarget primary = new TestTarget();
        TestTarget secondary = new TestTarget();
        Gateway gateway =
            Gateway.start(
                GatewayOptions.parse(
                    "--bind=127.0.0.1",
                    "--listen=0",
                    "--admin=0",
                    "--primary=" + primary.uri(),
                    "--primary-host=" + option,
                    "--target=" + secondary.uri()));
        RawClient client = new RawClient(gateway.port())) {
      client.exchange(new byte[0], "GET /x HTTP/1.1", "Host: client:1");
      assertThat(primary.requests().get(0).headers("Host"))
          .containsExactly(expected.replace("PORT", "" + primary.port()));
    }
  }
}
