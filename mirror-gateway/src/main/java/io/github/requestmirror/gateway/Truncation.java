package io.github.requestmirror.gateway;

import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;

/** Shows a client that the response that it receives is not complete. */
final class Truncation {
  private Truncation() {}

  /** Closes the connection; in HTTP/2, where it carries other requests too, resets the stream. */
  static void show(Request request) {
    Connection connection = request.getConnectionMetaData().getConnection();
    if (!(connection instanceof HTTP2Connection http2)) {
      connection.getEndPoint().close();
      return;
    }
    // The identifier of a request of HTTP/2 is that of its stream.
    Stream stream = http2.getSession().getStream(Integer.parseInt(request.getId()));
    if (stream != null) {
      stream.reset(new ResetFrame(stream.getId(), ErrorCode.INTERNAL_ERROR.code), Callback.NOOP);
    }
  }
}
