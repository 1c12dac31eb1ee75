package io.github.requestmirror.soak;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.HttpMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A mirror and its target, and two tenants: one with little load, the other with a problem. */
final class TwoTenants implements AutoCloseable {
  static final Duration CALL_TIMEOUT = Duration.ofSeconds(4);

  private static final String GOOD = "good";
  private static final String BAD = "bad";
  private static final int BODY = 10_000;
  private static final int DECLARED = 1 << 20;
  private static final int UNKNOWN = -1;

  private final FaultyTarget target = new FaultyTarget(1, this::receive);
  private final Mirror mirror;
  private final byte[] body = new byte[BODY];

  /** Requests that the primary has not responded to. */
  private final List<Capture> open = new ArrayList<>();

  private final Map<String, Long> sentAt = new ConcurrentHashMap<>();
  private final Map<String, Long> nanosToArrival = new ConcurrentHashMap<>();

  TwoTenants(int places) {
    mirror =
        Mirror.start(
            MirrorTarget.builder(target.uri())
                .name("secondary")
                .maxInFlight(places)
                .bufferBytes(3 << 20)
                .maxBodyBytes(DECLARED)
                .callTimeout(CALL_TIMEOUT)
                .drainTimeout(Duration.ZERO)
                .build(),
            MirrorPolicy.builder().build());
  }

  Mirror mirror() {
    return mirror;
  }

  private void receive(HttpMessage copy) {
    Long sent = sentAt.get(copy.requestTarget());
    if (sent != null) {
      nanosToArrival.put(copy.requestTarget(), System.nanoTime() - sent);
    }
  }

  void failForBad(Fault fault) {
    target.fault(BAD, fault);
  }

  /** The next request of a sender that waits for each response. */
  void postGood(int number) {
    String path = "/" + GOOD + "/" + number;
    sentAt.put(path, System.nanoTime());
    Capture capture = open("POST", path, GOOD, BODY);
    capture.write(body, 0, BODY);
    capture.complete();
    capture.primaryResponded(204);
  }

  /** Requests that all overlap at the primary, so that no order holds back their copies. */
  void postBad(int requests) {
    for (int i = 0; i < requests; i++) {
      Capture capture = open("POST", "/" + BAD, BAD, BODY);
      capture.write(body, 0, BODY);
      capture.complete();
      open.add(capture);
    }
  }

  void getBad(int requests) {
    for (int i = 0; i < requests; i++) {
      Capture capture = open("GET", "/" + BAD, BAD, 0);
      capture.complete();
      capture.primaryResponded(200);
    }
  }

  /** Clients that declare a large body, or no length, and pause after the first byte. */
  void stallBad(int requests) {
    for (int i = 0; i < requests; i++) {
      Capture capture = open("POST", "/" + BAD, BAD, i % 2 == 0 ? DECLARED : UNKNOWN);
      capture.write(body, 0, 1);
      open.add(capture);
    }
  }

  private Capture open(String method, String path, String tenant, int length) {
    Headers headers =
        length == UNKNOWN
            ? Headers.of(FaultyTarget.TENANT, tenant, "Transfer-Encoding", "chunked")
            : Headers.of(FaultyTarget.TENANT, tenant, "Content-Length", Integer.toString(length));
    return mirror.capture(RequestHead.of(method, path, null, headers));
  }

  /** Returns how many of the requests of the good tenant have not arrived in time. */
  long lost(int from, int to, Duration limit) {
    long lost = 0;
    for (int i = from; i < to; i++) {
      Long nanos = nanosToArrival.get("/" + GOOD + "/" + i);
      lost += nanos == null || nanos > limit.toNanos() ? 1 : 0;
    }
    return lost;
  }

  @Override
  public void close() {
    open.forEach(capture -> capture.abandon(Outcome.BODY_INCOMPLETE));
    open.forEach(capture -> capture.primaryResponded(204));
    mirror.close();
    target.close();
  }
}
