package io.github.requestmirror.gateway.prometheus;

import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Measures the time from the arrival of a request at the primary to the arrival of its copy at the
 * secondary. Requests and copies are matched by their bodies, and repeats of a body by their order.
 */
final class Lag {
  private final Map<ByteBuffer, Queue<Long>> arrivals = new HashMap<>();
  private final List<Long> lags = new ArrayList<>();

  TestTarget.Behaviour primary(TestTarget.Behaviour then) {
    return (request, out) -> {
      arrived(request);
      then.handle(request, out);
    };
  }

  TestTarget.Behaviour secondary(TestTarget.Behaviour then) {
    return (request, out) -> {
      copyArrived(request);
      then.handle(request, out);
    };
  }

  private synchronized void arrived(HttpMessage request) {
    arrivals
        .computeIfAbsent(ByteBuffer.wrap(request.body()), body -> new ArrayDeque<>())
        .add(System.nanoTime());
  }

  private synchronized void copyArrived(HttpMessage copy) {
    Queue<Long> times = arrivals.get(ByteBuffer.wrap(copy.body()));
    Long time = times == null ? null : times.poll();
    // The copy may arrive first.
    lags.add(time == null ? 0 : System.nanoTime() - time);
  }

  /** Returns a percentile in milliseconds. */
  synchronized double percentile(double percent) {
    Collections.sort(lags);
    int index = (int) Math.ceil(percent / 100 * lags.size()) - 1;
    return lags.get(Math.max(0, index)) / 1e6;
  }
}
