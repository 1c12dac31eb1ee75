package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page with the statistics. */
class StatsPageTest extends GatewayInProcess {
  @Override
  List<String> options() {
    return List.of("--bearer-token=hush-hush-hush");
  }

  private JsonNode lastRejection() throws Exception {
    HttpMessage page = admin("GET /stats", "");
    assertThat(page.header("Content-Type")).isEqualTo("application/json");
    JsonNode rejection = new ObjectMapper().readTree(page.body()).at("/targets/0/lastRejection");
    assertThat(rejection.isMissingNode()).isFalse();
    return rejection;
  }

  @Test
  void lastRejectionHasTimeStatusAndTextWithoutTheToken() throws Exception {
    assertThat(lastRejection().isNull()).isTrue();
    secondary.behave(
        (request, out) ->
            TestTarget.respond(401, "no \"<b>\" for\n" + request.header("Authorization"))
                .handle(request, out));
    Instant before = Instant.now();
    client.send(new byte[0], "GET /x HTTP/1.1", "Host: h");
    primary.readHead();
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    Conservation.awaitSettled(gateway.mirror());
    JsonNode rejection = lastRejection();
    assertThat(rejection.get("status").asInt()).isEqualTo(401);
    assertThat(rejection.get("text").asText()).isEqualTo("no \"<b>\" for Bearer ***");
    assertThat(Instant.parse(rejection.get("time").asText())).isBetween(before, Instant.now());
  }
}
