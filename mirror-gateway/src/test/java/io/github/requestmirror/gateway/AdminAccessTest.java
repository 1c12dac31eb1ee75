package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.gateway.AdminAccess.Decision;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminAccessTest {
  private static Decision decide(
      @Nullable String token, String remote, @Nullable String authorization)
      throws UnknownHostException {
    return new AdminAccess(token)
        .decide(new InetSocketAddress(InetAddress.getByName(remote), 1), authorization);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, ALLOWED",
    "127.1.2.3, ALLOWED",
    "::1, ALLOWED",
    "192.0.2.1, ANOTHER_MACHINE",
    "2001:db8::1, ANOTHER_MACHINE",
    "::ffff:192.0.2.1, ANOTHER_MACHINE"
  })
  void withoutToken_clientsOnThisMachineMayChange(String remote, Decision decision)
      throws UnknownHostException {
    assertThat(decide(null, remote, "Bearer token")).isEqualTo(decision);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, Bearer token, ALLOWED",
    "192.0.2.1, Bearer token, ALLOWED",
    "192.0.2.1, bearer  token, ALLOWED",
    "127.0.0.1, , TOKEN_MISSING",
    "127.0.0.1, Bearer toke, TOKEN_MISSING",
    "127.0.0.1, Bearer tokens, TOKEN_MISSING",
    "127.0.0.1, token, TOKEN_MISSING",
    "127.0.0.1, Basic token, TOKEN_MISSING"
  })
  void withToken_whoeverHasItMayChange(
      String remote, @Nullable String authorization, Decision decision)
      throws UnknownHostException {
    assertThat(decide("token", remote, authorization)).isEqualTo(decision);
  }
}
