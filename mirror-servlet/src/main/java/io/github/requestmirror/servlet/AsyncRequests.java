package io.github.requestmirror.servlet;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The asynchronous requests that have not ended. A container that stops may not report their end,
 * so the filter ends them itself. Thread-safe.
 */
final class AsyncRequests {
  private final Set<MirroredRequest> requests = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /** Starts, also again: a container may stop and start the same filter instance. */
  void start() {
    stopped = false;
  }

  /** Adds a request that continues after its first dispatch; ends it if the filter has stopped. */
  void add(MirroredRequest request) {
    requests.add(request);
    if (stopped) {
      request.containerStopped();
    }
  }

  void remove(MirroredRequest request) {
    requests.remove(request);
  }

  /** Ends all requests, and those that are added later. */
  void stop() {
    stopped = true;
    requests.forEach(MirroredRequest::containerStopped);
  }
}
