package io.github.requestmirror.gateway;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * A connector that, when it is shut down, leaves connections with a request as much time as the
 * server has to stop. Jetty closes each connection that is idle for a second, also in the middle of
 * a request.
 */
final class DrainingConnector extends ServerConnector {
  private final Set<EndPoint> busy = ConcurrentHashMap.newKeySet();

  DrainingConnector(Server server, HttpConnectionFactory factory) {
    super(server, 1, 1, factory);
  }

  @Override
  public CompletableFuture<Void> shutdown() {
    CompletableFuture<Void> done = super.shutdown();
    for (EndPoint endPoint : busy) {
      endPoint.setIdleTimeout(getServer().getStopTimeout());
      if (!busy.contains(endPoint)) {
        endPoint.setIdleTimeout(getShutdownIdleTimeout());
      }
    }
    return done;
  }

  private void ended(EndPoint endPoint) {
    busy.remove(endPoint);
    if (isShutdown()) {
      endPoint.setIdleTimeout(getShutdownIdleTimeout());
    }
  }

  /** Returns a handler that notes which connections have a request. */
  Handler.Wrapper watch(Handler next) {
    return new Handler.Wrapper(next) {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        busy.add(endPoint);
        Request.addCompletionListener(request, failure -> ended(endPoint));
        return super.handle(request, response, callback);
      }
    };
  }
}
