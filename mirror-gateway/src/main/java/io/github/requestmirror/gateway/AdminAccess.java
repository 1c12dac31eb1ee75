package io.github.requestmirror.gateway;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may change something on the admin port: whoever has the token if there is one,
 * otherwise clients on this machine.
 */
final class AdminAccess {
  private static final String BEARER = "Bearer ";

  /** The decision on a request. */
  enum Decision {
    ALLOWED,
    TOKEN_MISSING,
    ANOTHER_MACHINE
  }

  private final byte @Nullable [] token;

  AdminAccess(@Nullable String token) {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Decides on a request.
   *
   * @param remote the address of the client
   * @param authorization the value of the header with this name, or null
   */
  Decision decide(SocketAddress remote, @Nullable String authorization) {
    byte[] expected = token;
    if (expected == null) {
      boolean local =
          remote instanceof InetSocketAddress client
              && client.getAddress() != null
              && client.getAddress().isLoopbackAddress();
      return local ? Decision.ALLOWED : Decision.ANOTHER_MACHINE;
    }
    // RFC 9110 11.1: the scheme is case-insensitive.
    boolean given =
        authorization != null
            && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
            // Takes the same time wherever the two differ.
            && MessageDigest.isEqual(
                expected,
                authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
    return given ? Decision.ALLOWED : Decision.TOKEN_MISSING;
  }
}
