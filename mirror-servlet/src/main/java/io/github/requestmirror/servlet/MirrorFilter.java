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
 * Mirrors the requests that pass through it. The application behind it, and the client before it,
 * can't tell: bodies are copied as the application reads them, never ahead and never in its place,
 * with blocking reads and with {@code ReadListener} alike; responses are not touched.
 *
 * <p>Map it to the dispatcher types {@code REQUEST} and {@code ASYNC}, with async supported, before
 * anything that reads the body and after what sets the tenant. {@code ASYNC} is needed where an
 * application continues with {@code AsyncContext.dispatch()}: some containers hand the original
 * request back then.
 *
 * <p>Either give it a running {@link Mirror}, which stays the caller's to close, or let a container
 * make it from {@code web.xml}; it then runs a mirror of its own, configured by init-params:
 *
 * <table>
 *   <caption>Init-params</caption>
 *   <tr><th>name</th><th>value</th></tr>
 *   <tr><td>{@code target}</td><td>base URI that gets the copies; required</td></tr>
 *   <tr><td>{@code match}</td><td>{@code writes} (default) or {@code all}: see
 *       {@link io.github.requestmirror.Cortex}</td></tr>
 *   <tr><td>{@code fraction}, {@code order}, {@code forwardCredentials}, {@code keepHost},
 *       {@code keepContextPath}, {@code whenPrimaryResponds}</td><td>as the setters of
 *       {@link io.github.requestmirror.MirrorPolicy.Builder}</td></tr>
 *   <tr><td>{@code name}, {@code maxInFlight}, {@code bufferBytes}, {@code maxBodyBytes},
 *       {@code maxQueueTime}, {@code connectTimeout}, {@code timeout}, {@code retries},
 *       {@code maxResponseBytes}, {@code dnsRefreshInterval}, {@code connectionTimeToLive},
 *       {@code drainTimeout}</td><td>as the setters of
 *       {@link io.github.requestmirror.MirrorTarget.Builder}; durations as {@code 500ms}, {@code 15s}
 *       or {@code 1m}, bytes as {@code 65536}, {@code 64KiB} or {@code 16MiB}</td></tr>
 *   <tr><td>{@code markerHeader}</td><td>as {@link Mirror.Builder#markerHeader}</td></tr>
 * </table>
 *
 * <p>A missing, unknown or wrong init-param fails the start with a message that names it.
 */
public final class MirrorFilter implements Filter {
  /**
   * Set while a thread passes on a request that is not mirrored. By another mapping of this filter,
   * or another filter of this mirror, it may come again, and must not be counted again. An
   * attribute of the request would say so too, at a cost for requests that have nothing to do with
   * the mirror.
   */
  private static final class Passing {
    private final ThreadLocal<@Nullable Boolean> here = new ThreadLocal<>();
  }

  /** The mirror this filter made itself, which it must close. */
  private @Nullable Mirror owned;

  private @Nullable Mirror mirror;

  private final AsyncRequests underway = new AsyncRequests();

  private Passing passing = new Passing();

  /**
   * Where a request keeps its mirroring, and the context what this mirror's filters share; one for
   * each mirror, so that two filters get along.
   */
  private String attribute = MirrorFilter.class.getName();

  /** Makes a filter that a container configures by init-params. */
  public MirrorFilter() {}

  /**
   * Makes a filter for a running mirror. Init-params are not read then.
   *
   * @param mirror stays the caller's to close, after the container has stopped
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
    underway.start();
    if (mirror == null) {
      Mirror started = InitParams.read(config).start();
      owned = started;
      use(started);
    } else {
      share(config.getServletContext());
    }
  }

  /** Another filter of the same mirror may stand in the same chain. */
  private void share(ServletContext context) {
    if (context.getAttribute(attribute) instanceof Passing another) {
      passing = another;
    } else {
      context.setAttribute(attribute, passing);
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
    if (present instanceof MirroredRequest mirroring) {
      if (request.getDispatcherType() == DispatcherType.ASYNC) {
        goOn(mirroring, request, response, chain);
      } else {
        chain.doFilter(request, response);
      }
      return;
    }
    Mirror running = mirror;
    if (running == null
        || request.getDispatcherType() != DispatcherType.REQUEST
        || passing.here.get() != null) {
      chain.doFilter(request, response);
      return;
    }
    MirroredRequest mirroring = open(running, request, response);
    if (mirroring == null) {
      passOn(request, response, chain);
      return;
    }
    try {
      chain.doFilter(mirroring.wrap(request), mirroring.wrap(response));
    } catch (Throwable t) {
      mirroring.chainFailed();
      throw t;
    }
    mirroring.chainReturned();
  }

  /** An application has dispatched a request that is mirrored. */
  private static void goOn(
      MirroredRequest mirroring,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws IOException, ServletException {
    try {
      if (mirroring.wraps(request)) {
        chain.doFilter(request, response);
      } else {
        chain.doFilter(mirroring.wrap(request), mirroring.wrap(response));
      }
    } catch (Throwable t) {
      mirroring.responding();
      throw t;
    }
    mirroring.dispatchReturned();
  }

  private void passOn(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    passing.here.set(Boolean.TRUE);
    try {
      chain.doFilter(request, response);
    } finally {
      passing.here.set(null);
    }
  }

  /** Returns null when the request is not mirrored. Whatever happens here is not the primary's. */
  private @Nullable MirroredRequest open(
      Mirror running, HttpServletRequest request, HttpServletResponse response) {
    Capture capture = running.capture(new ServletHead(request));
    try {
      if (capture == Capture.none()) {
        return null;
      }
      MirroredRequest mirroring = new MirroredRequest(request, response, capture, underway);
      request.setAttribute(attribute, mirroring);
      return mirroring;
    } catch (Throwable t) {
      // A listener to attributes, or another filter's wrapper.
      capture.abandon(Outcome.BODY_INCOMPLETE);
      capture.primaryResponded(0);
      return null;
    }
  }

  @Override
  public void destroy() {
    underway.stop();
    Mirror closing = owned;
    if (closing != null) {
      // A container may start the same instance again.
      mirror = null;
      owned = null;
      closing.close();
    }
  }
}
