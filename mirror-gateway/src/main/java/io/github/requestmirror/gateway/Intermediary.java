package io.github.requestmirror.gateway;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * Changes what HTTP asks an intermediary to change, before the mirror and the primary see the
 * request, so that both see the same:
 *
 * <ul>
 *   <li>the authority of an absolute form replaces {@code Host} (RFC 9112 3.2.2);
 *   <li>{@code Max-Forwards} of OPTIONS and TRACE is decremented, and at 0 the gateway responds
 *       (RFC 9110 7.6.2);
 *   <li>{@code Upgrade} is ignored (RFC 9110 7.8): the primary serves an ordinary request;
 *   <li>{@code OPTIONS *} gets a path that Jetty can dispatch; {@link AsteriskFilter} undoes it.
 * </ul>
 */
final class Intermediary extends Handler.Wrapper {
  /** Set on a request whose target is {@code *}. */
  static final String ASTERISK = Intermediary.class.getName() + ".asterisk";

  Intermediary(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    HttpField forwards = maxForwards(request);
    if (forwards != null && isZero(forwards.getValue())) {
      respond(request, response, callback);
      return true;
    }
    boolean asterisk = "*".equals(request.getHttpURI().getPath());
    String host = hostOfAbsoluteForm(request);
    boolean upgrade = request.getHeaders().contains(HttpHeader.UPGRADE);
    if (forwards == null && !asterisk && host == null && !upgrade) {
      return super.handle(request, response, callback);
    }
    HttpFields.Mutable headers = HttpFields.build(request.getHeaders());
    headers.remove(HttpHeader.UPGRADE);
    if (host != null) {
      headers.put(HttpHeader.HOST, host);
    }
    if (forwards != null) {
      headers.put(new HttpField(null, forwards.getName(), decremented(forwards.getValue())));
    }
    HttpURI uri =
        asterisk
            ? HttpURI.build(request.getHttpURI()).path("/").asImmutable()
            : request.getHttpURI();
    if (asterisk) {
      request.setAttribute(ASTERISK, true);
    }
    return super.handle(new Changed(request, uri, headers), response, callback);
  }

  /** RFC 9110 9.3.7 and 9.3.8: the final recipient responds. The gateway implements no TRACE. */
  private static void respond(Request request, Response response, Callback callback) {
    if (HttpMethod.TRACE.is(request.getMethod())) {
      Response.writeError(
          request,
          response,
          callback,
          HttpStatus.NOT_IMPLEMENTED_501,
          "TRACE of the gateway itself");
      return;
    }
    response.setStatus(HttpStatus.OK_200);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0);
    response.write(true, null, callback);
  }

  /** Returns the header if it has a meaning and a valid value. */
  private static @Nullable HttpField maxForwards(Request request) {
    if (!HttpMethod.OPTIONS.is(request.getMethod()) && !HttpMethod.TRACE.is(request.getMethod())) {
      return null;
    }
    HttpField field = request.getHeaders().getField(HttpHeader.MAX_FORWARDS);
    return field != null && field.getValue().matches("\\d+") ? field : null;
  }

  private static boolean isZero(String number) {
    return number.matches("0+");
  }

  /** A value that is too large may be replaced by any supported maximum. */
  private static String decremented(String number) {
    return Integer.toString(number.length() > 9 ? 999_999_999 : Integer.parseInt(number) - 1);
  }

  /**
   * Returns the authority of the request target if it has one that differs from {@code Host}. Jetty
   * derives that of other forms from {@code Host} itself.
   */
  private static @Nullable String hostOfAbsoluteForm(Request request) {
    String host = request.getHeaders().get(HttpHeader.HOST);
    HttpURI uri = request.getHttpURI();
    if (host == null || uri.getHost() == null) {
      return null;
    }
    HostPort sent = HostPort.unsafe(host);
    boolean equal =
        uri.getHost().equalsIgnoreCase(sent.getHost())
            && port(uri.getPort()) == port(sent.getPort());
    return equal ? null : new HostPort(uri.getHost(), Math.max(0, uri.getPort())).toString();
  }

  /** The port of clients is one of HTTP. */
  private static int port(int port) {
    return port <= 0 ? 80 : port;
  }

  private static final class Changed extends Request.Wrapper {
    private final HttpURI uri;
    private final HttpFields headers;

    Changed(Request request, HttpURI uri, HttpFields headers) {
      super(request);
      this.uri = uri;
      this.headers = headers.asImmutable();
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }
}
