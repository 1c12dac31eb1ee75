package io.github.requestmirror.servlet;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;

/**
 * Forwards with the unwrapped response. Undertow handles the end of a forward differently if the
 * response is wrapped, which changes the headers of the response.
 *
 * <p>Used in Undertow only, because the unwrapped response does not report when it begins. The
 * mirror then has to treat the forward itself as the begin of the response, so that copies of
 * requests that overlap at the primary may wait for each other.
 */
final class MirroringRequestDispatcher implements RequestDispatcher {
  private static final String UNDERTOW = "io.undertow.";

  private final RequestDispatcher dispatcher;
  private final MirroredRequest mirrored;

  private MirroringRequestDispatcher(RequestDispatcher dispatcher, MirroredRequest mirrored) {
    this.dispatcher = dispatcher;
    this.mirrored = mirrored;
  }

  /** Wraps Undertow's dispatchers; returns those of other containers as they are. */
  static RequestDispatcher of(RequestDispatcher dispatcher, MirroredRequest mirrored) {
    return dispatcher.getClass().getName().startsWith(UNDERTOW)
        ? new MirroringRequestDispatcher(dispatcher, mirrored)
        : dispatcher;
  }

  @Override
  public void forward(ServletRequest request, ServletResponse response)
      throws ServletException, IOException {
    if (response instanceof MirroringResponseWrapper wrapper && wrapper.isOf(mirrored)) {
      // The mirror cannot see when the unwrapped response begins, so it begins here.
      mirrored.responding();
      dispatcher.forward(request, wrapper.getResponse());
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
