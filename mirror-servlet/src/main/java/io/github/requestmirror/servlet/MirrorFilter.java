package io.github.requestmirror.servlet;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mirrors the requests that pass through it. Neither the application nor the client sees a
 * difference: the filter copies a body while the application reads it, blocking or with a {@code
 * ReadListener}, and never reads by itself; it does not change responses.
 *
 * <p>Map it to the dispatcher types {@code REQUEST} and {@code ASYNC}, with async supported, in
 * front of every filter that reads the body and behind the filters that set the tenant. {@code
 * ASYNC} is necessary for applications that call {@code AsyncContext.dispatch()}, because some
 * containers pass the unwrapped request to the dispatch.
 *
 * <p>Either construct it with a running {@link Mirror}, which the caller closes, or let the
 * container create it from {@code web.xml}. In that case it starts and closes a mirror of its own,
 * configured by init-params, which are the settings of {@link
 * io.github.requestmirror.settings.MirrorSettings}. Only {@code target} is required.
 *
 * <p>If an init-param is missing, unknown or invalid, {@link #init} throws a {@code
 * ServletException} that names it.
 */
public final class MirrorFilter implements Filter {
  /**
   * Marks a thread that passes a request through without mirroring it. The request may meet another
   * mapping of this filter, or another filter of the same mirror, and must not be counted again. A
   * request attribute would do too, but would change requests that are not mirrored.
   */
  private static final class PassThroughMark {
    private final ThreadLocal<@Nullable Boolean> onThread = new ThreadLocal<>();
  }

  /**
   * Followed by the name of the filter, the name of the servlet-context attribute with the {@link
   * Mirror} that a filter has started from its init-params: an application reads {@link
   * Mirror#stats()} from it. The attribute exists from {@link #init} to {@link #destroy}. A mirror
   * that was passed to the constructor has none.
   */
  public static final String MIRROR_ATTRIBUTE_PREFIX =
      "io.github.requestmirror.servlet.MirrorFilter.mirror.";

  /** The mirror that this filter started and must close, in an attribute of the context. */
  private record OwnMirror(Mirror mirror, ServletContext context, String attribute) {
    static OwnMirror start(FilterConfig config) throws ServletException {
      ServletContext context = config.getServletContext();
      String attribute = MIRROR_ATTRIBUTE_PREFIX + config.getFilterName();
      Mirror started = InitParams.read(config).start();
      try {
        context.setAttribute(attribute, started);
      } catch (Throwable t) {
        // From an attribute listener. The container does not destroy a filter that did not start.
        started.close();
        throw t;
      }
      return new OwnMirror(started, context, attribute);
    }

    void close() {
      try {
        context.removeAttribute(attribute);
      } finally {
        mirror.close();
      }
    }
  }

  private @Nullable OwnMirror owned;

  private @Nullable Mirror mirror;

  private final AsyncRequests asyncRequests = new AsyncRequests();

  private PassThroughMark passThroughMark = new PassThroughMark();

  /**
   * The name of the request attribute with the {@link MirroredRequest}, and of the context
   * attribute with the mark that the filters of one mirror share. It differs between mirrors, so
   * that the filters of two mirrors do not interfere.
   */
  private String attribute = MirrorFilter.class.getName();

  /** Creates a filter that a container configures by init-params. */
  public MirrorFilter() {}

  /**
   * Creates a filter for a running mirror. It ignores init-params.
   *
   * @param mirror the caller closes it, after the container has stopped
   */
  public MirrorFilter(Mirror mirror) {
    use(Objects.requireNonNull(mirror, "mirror"));
  }

  private void use(Mirror mirror) {
    this.mirror = mirror;
    this.attribute = MirrorFilter.class.getName() + '@' + System.identityHashCode(mirror);
  }

  @Override
  public void init(FilterConfig config) throws ServletException {
    requireServlet6(config);
    asyncRequests.start();
    if (mirror == null) {
      OwnMirror started = OwnMirror.start(config);
      owned = started;
      use(started.mirror());
    } else {
      share(config.getServletContext());
    }
  }

  /** Earlier containers differ in what a filter may rely on, and lose copies in some cases. */
  private static void requireServlet6(FilterConfig config) throws ServletException {
    ServletContext context = config.getServletContext();
    if (context.getMajorVersion() < 6) {
      throw new ServletException(
          "filter '"
              + config.getFilterName()
              + "': the container has Jakarta Servlet "
              + context.getMajorVersion()
              + "."
              + context.getMinorVersion()
              + ", must be 6.0 or newer, as in Jetty 12, Tomcat 10.1 and Undertow 2.3");
    }
  }

  /** Shares the mark with other filters of the same mirror, which may be in the same chain. */
  private void share(ServletContext context) {
    if (context.getAttribute(attribute) instanceof PassThroughMark another) {
      passThroughMark = another;
    } else {
      context.setAttribute(attribute, passThroughMark);
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest httpRequest
        && response instanceof HttpServletResponse httpResponse) {
      doFilter(httpRequest, httpResponse, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Object present = request.getAttribute(attribute);
    if (present instanceof MirroredRequest mirrored) {
      if (request.getDispatcherType() == DispatcherType.ASYNC) {
        resumeAfterDispatch(mirrored, request, response, chain);
      } else {
        chain.doFilter(request, response);
      }
      return;
    }
    Mirror running = mirror;
    if (running == null
        || request.getDispatcherType() != DispatcherType.REQUEST
        || passThroughMark.onThread.get() != null) {
      chain.doFilter(request, response);
      return;
    }
    MirroredRequest mirrored = open(running, request, response);
    if (mirrored == null) {
      passThrough(request, response, chain);
      return;
    }
    try {
      chain.doFilter(mirrored.wrap(request), mirrored.wrap(response));
    } catch (Throwable t) {
      mirrored.chainFailed();
      throw t;
    }
    mirrored.chainReturned();
  }

  /** Continues a mirrored request after {@code AsyncContext.dispatch()}. */
  private static void resumeAfterDispatch(
      MirroredRequest mirrored,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws IOException, ServletException {
    try {
      if (mirrored.wraps(request)) {
        chain.doFilter(request, response);
      } else {
        chain.doFilter(mirrored.wrap(request), mirrored.wrap(response));
      }
    } catch (Throwable t) {
      mirrored.responding();
      throw t;
    }
    mirrored.dispatchReturned();
  }

  private void passThrough(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    passThroughMark.onThread.set(Boolean.TRUE);
    try {
      chain.doFilter(request, response);
    } finally {
      passThroughMark.onThread.set(null);
    }
  }

  /** Returns null if the request is not mirrored. Never throws, to protect the primary. */
  private @Nullable MirroredRequest open(
      Mirror running, HttpServletRequest request, HttpServletResponse response) {
    Capture capture = running.capture(new ServletHead(request));
    try {
      if (capture == Capture.none()) {
        return null;
      }
      MirroredRequest mirrored = new MirroredRequest(request, response, capture, asyncRequests);
      request.setAttribute(attribute, mirrored);
      return mirrored;
    } catch (Throwable t) {
      // From an attribute listener or the wrapper of another filter.
      capture.abandon(Outcome.BODY_INCOMPLETE);
      capture.primaryResponded(0);
      return null;
    }
  }

  @Override
  public void destroy() {
    asyncRequests.stop();
    OwnMirror closing = owned;
    if (closing != null) {
      // A container may initialize the same instance again.
      mirror = null;
      owned = null;
      closing.close();
    }
  }
}
