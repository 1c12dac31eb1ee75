package io.github.requestmirror.gateway;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Rejects requests whose end the gateway and the primary might find in different places, and closes
 * their connection, which in HTTP/2 carries other requests too and stays open. No byte of such a
 * request reaches the mirror or the primary. Jetty's parser rejects further ones with 400 before
 * they reach this handler, such as {@code Content-Length} together with {@code Transfer-Encoding},
 * or a transfer coding after {@code chunked}. The next handlers see requests of HTTP/2 as {@link
 * Http2Request}.
 */
final class FramingGuard extends Handler.Wrapper {
  private static final int ACCEPTED = 0;

  FramingGuard(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    int status = rejection(request);
    if (status == ACCEPTED) {
      return super.handle(Http2Request.of(request), response, callback);
    }
    if (!Http2Request.isHttp2(request)) {
      response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    }
    Response.writeError(request, response, callback, status, reason(request));
    return true;
  }

  /** Returns the status to reject the request with, or {@link #ACCEPTED}. */
  private static int rejection(Request request) {
    if (HttpMethod.CONNECT.asString().equalsIgnoreCase(request.getMethod())) {
      // The gateway is not a tunnel. 405 would require an Allow header (RFC 9110 15.5.6), whose
      // value only the primary knows. Some servers ignore the case of methods, so this does too.
      return HttpStatus.NOT_IMPLEMENTED_501;
    }
    HttpFields headers = request.getHeaders();
    if (Http2Request.isHttp2(request)) {
      return Http2Request.isValid(headers) ? ACCEPTED : HttpStatus.BAD_REQUEST_400;
    }
    if (!headers.contains(HttpHeader.TRANSFER_ENCODING)) {
      return ACCEPTED;
    }
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0) {
      // RFC 9112 6.1 calls such framing faulty, but Jetty's parser accepts it.
      return HttpStatus.BAD_REQUEST_400;
    }
    return isChunkedOnly(headers) ? ACCEPTED : HttpStatus.NOT_IMPLEMENTED_501;
  }

  private static String reason(Request request) {
    if (request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
      return "the transfer coding is not supported";
    }
    return HttpMethod.CONNECT.asString().equalsIgnoreCase(request.getMethod())
        ? "the gateway is not a tunnel"
        : "the content length is not valid";
  }

  /** RFC 9112 6.1: the response to a transfer coding that is not understood is 501. */
  static boolean isChunkedOnly(HttpFields headers) {
    List<String> codings = headers.getValuesList(HttpHeader.TRANSFER_ENCODING);
    return codings.size() == 1
        && codings.get(0).equalsIgnoreCase(HttpHeaderValue.CHUNKED.asString());
  }
}
