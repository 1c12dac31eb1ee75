package io.github.requestmirror.gateway;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests whose end the gateway and the primary might see in different places, before
 * anything of them reaches the mirror or the primary, and closes their connection. What Jetty's
 * parser refuses with 400 does not come this far, such as {@code Content-Length} together with
 * {@code Transfer-Encoding}, or a transfer coding after {@code chunked}.
 */
final class FramingGuard extends Handler.Wrapper {
  private static final int ACCEPTED = 0;

  FramingGuard(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    int refusal = refusal(request);
    if (refusal == ACCEPTED) {
      return super.handle(request, response, callback);
    }
    response.setStatus(refusal);
    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
    String text = "gateway: " + refusal + " " + HttpStatus.getMessage(refusal) + "\n";
    Content.Sink.write(response, true, text, callback);
    return true;
  }

  private static int refusal(Request request) {
    if (HttpMethod.CONNECT.asString().equalsIgnoreCase(request.getMethod())) {
      // The gateway tunnels for no target. 405 would need an Allow header (RFC 9110 15.5.6), which
      // only the primary knows. Lower case too, because some servers ignore the case of methods.
      return HttpStatus.NOT_IMPLEMENTED_501;
    }
    HttpFields headers = request.getHeaders();
    if (!headers.contains(HttpHeader.TRANSFER_ENCODING)) {
      return ACCEPTED;
    }
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0) {
      // RFC 9112 6.1: such framing is faulty. Jetty's parser accepts it.
      return HttpStatus.BAD_REQUEST_400;
    }
    return isChunkedOnly(headers) ? ACCEPTED : HttpStatus.NOT_IMPLEMENTED_501;
  }

  /** RFC 9112 6.1: a transfer coding that is not understood is refused with 501. */
  private static boolean isChunkedOnly(HttpFields headers) {
    List<String> codings = headers.getValuesList(HttpHeader.TRANSFER_ENCODING);
    return codings.size() == 1
        && codings.get(0).equalsIgnoreCase(HttpHeaderValue.CHUNKED.asString());
  }
}
