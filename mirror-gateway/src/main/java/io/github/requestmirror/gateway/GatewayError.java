package io.github.requestmirror.gateway;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpStatus;

/**
 * What the gateway responds to a request that failed.
 *
 * @param status the status code
 * @param reason for the client; names no address
 * @param detail for the log
 */
record GatewayError(int status, String reason, String detail) {
  /** The client did not send its request completely and correctly. */
  static final class OfClient extends IOException {
    private static final long serialVersionUID = 1L;

    private OfClient(Throwable cause) {
      super(cause);
    }

    static OfClient of(Throwable failure) {
      return failure instanceof OfClient known ? known : new OfClient(failure);
    }
  }

  /** The primary's response cannot be forwarded. */
  static final class OfResponse extends IOException {
    private static final long serialVersionUID = 1L;

    OfResponse(String message) {
      super(message);
    }
  }

  static GatewayError of(Throwable failure) {
    if (failure instanceof OfClient) {
      return ofClient(failure.getCause() == null ? failure : failure.getCause());
    }
    if (failure instanceof RejectedExecutionException) {
      return new GatewayError(
          HttpStatus.SERVICE_UNAVAILABLE_503,
          "too many requests wait for the primary",
          failure.toString());
    }
    if (failure instanceof TimeoutException) {
      return new GatewayError(
          HttpStatus.GATEWAY_TIMEOUT_504,
          "the primary did not respond in time",
          failure.toString());
    }
    if (failure instanceof HttpResponseException && failure.getCause() != null) {
      // Its own message describes the connection in all its parts.
      return badGateway("the response of the primary is not valid", failure.getCause());
    }
    if (failure instanceof OfResponse) {
      return badGateway("the response of the primary is not valid", failure);
    }
    if (failure instanceof ConnectException
        || failure instanceof SocketTimeoutException
        || failure instanceof UnknownHostException
        || failure instanceof UnresolvedAddressException) {
      return badGateway("the primary cannot be reached", failure);
    }
    return badGateway("the connection to the primary failed", failure);
  }

  private static GatewayError badGateway(String reason, Throwable failure) {
    return new GatewayError(HttpStatus.BAD_GATEWAY_502, reason, failure.toString());
  }

  private static GatewayError ofClient(Throwable failure) {
    return failure instanceof TimeoutException
        ? new GatewayError(
            HttpStatus.REQUEST_TIMEOUT_408,
            "the body of the request did not arrive in time",
            failure.toString())
        : new GatewayError(
            HttpStatus.BAD_REQUEST_400,
            "the body of the request is malformed or incomplete",
            failure.toString());
  }
}
