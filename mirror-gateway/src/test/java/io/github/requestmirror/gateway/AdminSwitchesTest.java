package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The switches of the admin port, from this machine. */
class AdminSwitchesTest extends GatewayInProcess {
  private String fraction() {
    return "/fraction/127.0.0.1:" + secondary.port();
  }

  private void request() throws Exception {
    client.send(new byte[0], "GET /x HTTP/1.1", "Host: h", "X-Scope-OrgID: t");
    primary.readHead();
    primary.respond();
    assertThat(client.receive(false).status()).isEqualTo(200);
    Conservation.awaitSettled(gateway.mirror());
  }

  @Test
  void enabledIsTheKillSwitch() throws Exception {
    assertThat(text(admin("GET /enabled", ""))).isEqualTo("true\n");
    assertThat(text(admin("PUT /enabled", "false\n"))).isEqualTo("false\n");
    request();
    assertThat(target().count(Outcome.DISABLED)).isEqualTo(1);
    assertThat(text(admin("GET /enabled", ""))).isEqualTo("false\n");
    assertThat(text(admin("PUT /enabled", "true"))).isEqualTo("true\n");
    request();
    assertThat(target().count(Outcome.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void fractionIsThatOfTheTarget() throws Exception {
    assertThat(text(admin("GET " + fraction(), ""))).isEqualTo("1.0\n");
    assertThat(text(admin("PUT " + fraction(), "0"))).isEqualTo("0.0\n");
    request();
    assertThat(target().count(Outcome.NOT_SAMPLED)).isEqualTo(1);
    assertThat(text(admin("GET " + fraction(), ""))).isEqualTo("0.0\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "-0.1", "NaN", "all"})
  void wrongFractionIsRefusedAndNamed(String value) throws Exception {
    HttpMessage response = admin("PUT " + fraction(), value);
    assertThat(response.status()).isEqualTo(400);
    assertThat(text(response))
        .isEqualTo("fraction = '" + value + "': must be a number from 0 to 1\n");
    assertThat(text(admin("GET " + fraction(), ""))).isEqualTo("1.0\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "TRUE", "0"})
  void wrongSwitchIsRefusedAndNamed(String value) throws Exception {
    HttpMessage response = admin("PUT /enabled", value);
    assertThat(response.status()).isEqualTo(400);
    assertThat(text(response)).isEqualTo("enabled = '" + value + "': must be 'true' or 'false'\n");
    assertThat(gateway.mirror().enabled()).isTrue();
  }

  @Test
  void longBodyIsRefused() throws Exception {
    assertThat(admin("PUT /enabled", "false".repeat(100)).status()).isEqualTo(400);
    assertThat(gateway.mirror().enabled()).isTrue();
  }

  @Test
  void unknownTargetIsNotFound() throws Exception {
    HttpMessage response = admin("PUT /fraction/another", "0");
    assertThat(response.status()).isEqualTo(404);
    assertThat(text(response)).contains("target 'another' is unknown, must be one of");
  }

  @ParameterizedTest
  @CsvSource({"POST", "DELETE", "PATCH"})
  void otherMethodsAreNotAllowed(String method) throws Exception {
    HttpMessage response = admin(method + " /enabled", "false");
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("Allow")).isEqualTo("GET, HEAD, PUT");
    assertThat(gateway.mirror().enabled()).isTrue();
  }

  @Test
  void live() throws Exception {
    assertThat(text(admin("GET /live", ""))).isEqualTo("live\n");
  }
}
