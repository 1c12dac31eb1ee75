package io.github.requestmirror.servlet;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * Forwards with the response that there was before the mirror. Undertow ends a forward in another
 * way when the response is wrapped, which shows in the headers of the response.
 *
 * <p>In other containers a forward needs no such thing. The response then begins when it does:
 * stamped at the forward, requests that overlap at the primary would wait for one another at the
 * target.
 */
final class MirroringDispatcher implements RequestDispatcher {
  private static final String UNDERTOW = "io.undertow.";

  private final RequestDispatcher dispatcher;
  private final MirroredRequest mirroring;

  private MirroringDispatcher(RequestDispatcher dispatcher, MirroredRequest mirroring) {
    this.dispatcher = dispatcher;
    this.mirroring = mirroring;
  }

  /** Returns what the application is to forward with. */
  static RequestDispatcher of(RequestDispatcher dispatcher, MirroredRequest mirroring) {
    return dispatcher.getClass().getName().startsWith(UNDERTOW)
        ? new MirroringDispatcher(dispatcher, mirroring)
        : dispatcher;
  }

  @Override
  public void forward(ServletRequest request, ServletResponse response)
      throws ServletException, IOException {
    if (response instanceof MirroringResponseWrapper mirrored && mirrored.isOf(mirroring)) {
      // Nothing sees the response begin from here on, so it begins here.
      mirroring.responding();
      dispatcher.forward(request, mirrored.getResponse());
    } else {
      dispatcher.forward(request, response);
    }
  }

  @Override
  public void include(ServletRequest request, ServletResponse response)
      throws ServletException, IOException {
    dispatcher.include(request, response);
  }
}
