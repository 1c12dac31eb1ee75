package io.github.requestmirror.gateway;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * A connector that, when it is shut down, leaves connections with a request as much time as the
 * server has to stop, and closes the others once they are idle for a second. Jetty itself closes
 * connections in the middle of a request, at once if the client paused before the shutdown, and
 * forgets connections that it accepts during the shutdown.
 */
final class DrainingConnector extends ServerConnector {
  private static final long IDLE_MILLIS = 1000;

  /** The number of requests on each connection that has one; HTTP/2 allows several. */
  private final Map<EndPoint, Integer> busy = new ConcurrentHashMap<>();

  DrainingConnector(Server server, ConnectionFactory... protocols) {
    super(server, 1, 1, protocols);
    // Jetty leaves the idle timeouts alone.
    setShutdownIdleTimeout(-1);
  }

  @Override
  protected void onEndPointOpened(EndPoint endPoint) {
    super.onEndPointOpened(endPoint);
    if (isShutdown()) {
      endPoint.setIdleTimeout(IDLE_MILLIS);
    }
  }

  @Override
  public CompletableFuture<Void> shutdown() {
    CompletableFuture<Void> done = super.shutdown();
    long stopTimeout = getServer().getStopTimeout();
    for (EndPoint endPoint : getConnectedEndPoints()) {
      // Within the map, so that a request which ends at the same time shortens the timeout after
      // this: Jetty loses one of two timeouts that are set at the same time.
      Integer requests =
          busy.computeIfPresent(
              endPoint,
              (key, count) -> {
                key.setIdleTimeout(stopTimeout);
                return count;
              });
      if (requests == null) {
        endPoint.setIdleTimeout(IDLE_MILLIS);
      }
    }
    return done;
  }

  private void ended(EndPoint endPoint) {
    Integer left = busy.computeIfPresent(endPoint, (key, count) -> count == 1 ? null : count - 1);
    if (left == null && isShutdown()) {
      endPoint.setIdleTimeout(IDLE_MILLIS);
    }
  }

  /** Returns a handler that notes which connections have a request. */
  Handler.Wrapper watch(Handler next) {
    return new Handler.Wrapper(next) {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        busy.merge(endPoint, 1, Integer::sum);
        Request.addCompletionListener(request, failure -> ended(endPoint));
        return super.handle(request, response, callback);
      }
    };
  }
}
