package io.github.requestmirror.benchmarks.micro;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A filter for each reason not to mirror a request, with a request that it does not mirror. */
final class UnwantedRequests implements AutoCloseable {
  /** Why a request is not mirrored. */
  enum Reason {
    NOT_MATCHED(Outcome.NOT_MATCHED, "GET", "/api/v1/query"),
    PATH_NOT_MATCHED(Outcome.NOT_MATCHED, "POST", "/api/v1/query"),
    DENIED(Outcome.DENIED, "POST", "/ingester/shutdown"),
    NOT_SAMPLED(Outcome.NOT_SAMPLED, "POST", "/api/v1/push"),
    BREAKER_OPEN(Outcome.TARGET_DOWN, "POST", "/api/v1/push"),
    NO_ROOM(Outcome.BUFFER_FULL, "POST", "/api/v1/push"),
    DISABLED(Outcome.DISABLED, "POST", "/api/v1/push");

    private final Outcome outcome;
    private final String method;
    private final String path;

    Reason(Outcome outcome, String method, String path) {
      this.outcome = outcome;
      this.method = method;
      this.path = path;
    }

    Outcome outcome() {
      return outcome;
    }
  }

  private static final int BODY_BYTES = 16 << 10;
  private static final int SMALLEST_BUFFER = 64 << 10;
  private static final Map<String, String> HEADERS =
      Map.of(
          "Host", "metrics.example",
          "User-Agent", "Prometheus/3.5.0",
          "Content-Encoding", "snappy",
          "Content-Type", "application/x-protobuf",
          "X-Prometheus-Remote-Write-Version", "0.1.0",
          "X-Scope-OrgID", "tenant");

  private final Map<Reason, Mirror> mirrors = new EnumMap<>(Reason.class);
  private final MirrorFilter[] filters = new MirrorFilter[Reason.values().length];
  private final BareRequest[] requests = new BareRequest[Reason.values().length];
  private final HttpServletResponse response = new BareResponse();

  /** The request that the filter passed to the chain. */
  private ServletRequest passed;

  private final FilterChain chain = (request, response) -> accept(request);

  private UnwantedRequests() {}

  /** Starts the mirrors, and waits until each is in the state in which it mirrors nothing. */
  static UnwantedRequests start() throws InterruptedException {
    UnwantedRequests started = new UnwantedRequests();
    try {
      for (Reason reason : Reason.values()) {
        started.open(reason);
      }
      return started;
    } catch (Throwable t) {
      started.close();
      throw t;
    }
  }

  private void open(Reason reason) throws InterruptedException {
    Mirror mirror = Mirror.start(target(reason), policy(reason));
    mirrors.put(reason, mirror);
    switch (reason) {
      case BREAKER_OPEN -> openBreaker(mirror);
      case NO_ROOM -> fillBuffer(mirror);
      case DISABLED -> mirror.enabled(false);
      default -> {}
    }
    filters[reason.ordinal()] = new MirrorFilter(mirror);
    requests[reason.ordinal()] =
        new BareRequest(reason.method, reason.path, new byte[BODY_BYTES], HEADERS);
  }

  private static MirrorTarget target(Reason reason) {
    // Nothing listens there.
    MirrorTarget.Builder target = MirrorTarget.builder(URI.create("http://127.0.0.1:1"));
    target.drainTimeout(Duration.ZERO);
    return reason == Reason.NO_ROOM
        ? target
            .bufferBytes(SMALLEST_BUFFER)
            .maxBodyBytes(SMALLEST_BUFFER)
            .maxQueueTime(Duration.ofHours(1))
            .build()
        : target.build();
  }

  private static MirrorPolicy policy(Reason reason) {
    return switch (reason) {
      case NOT_MATCHED, PATH_NOT_MATCHED -> Cortex.writes().build();
      case NOT_SAMPLED -> Cortex.everything().fraction(1e-9).build();
      default -> Cortex.everything().build();
    };
  }

  private static RequestHead head() {
    return RequestHead.of("POST", "/api/v1/push", null, Headers.of("X-Scope-OrgID", "tenant"));
  }

  private static void openBreaker(Mirror mirror) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    do {
      Capture capture = mirror.capture(head());
      capture.complete();
      capture.primaryResponded(204);
      TimeUnit.MILLISECONDS.sleep(10);
    } while (mirror.stats().targets().get(0).up() && System.nanoTime() < end);
  }

  /** Leaves less room than a body takes, by a capture that does not end. */
  private static void fillBuffer(Mirror mirror) {
    mirror.capture(head()).write(new byte[SMALLEST_BUFFER * 3 / 4], 0, SMALLEST_BUFFER * 3 / 4);
  }

  /** Reads a probe of the breaker, which otherwise would not be sent, and would be repeated. */
  private void accept(ServletRequest request) throws IOException {
    passed = request;
    if (!(request instanceof BareRequest)) {
      request.getInputStream().readAllBytes();
    }
  }

  /** Filters a request and returns what the chain received. */
  ServletRequest pass(Reason reason) throws IOException, ServletException {
    int index = reason.ordinal();
    filters[index].doFilter(requests[index].fresh(), response, chain);
    return passed;
  }

  /** Calls the chain without the filter. */
  ServletRequest passUnfiltered() throws IOException, ServletException {
    chain.doFilter(requests[0], response);
    return passed;
  }

  /** Returns how many requests ended for this reason, the others being the attempts to connect. */
  long count(Reason reason) {
    return mirrors.get(reason).stats().targets().get(0).count(reason.outcome);
  }

  @Override
  public void close() {
    mirrors.values().forEach(Mirror::close);
  }
}
