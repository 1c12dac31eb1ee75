package io.github.requestmirror.servlet;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asynchronous requests, which a container forgets when it stops. Any thread. */
final class AsyncRequests {
  private final Set<MirroredRequest> requests = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /** A container may start the same filter again. */
  void start() {
    stopped = false;
  }

  /**
   * A request that goes on after its first dispatch, of which a stopping container may know less.
   */
  void add(MirroredRequest request) {
    requests.add(request);
    if (stopped) {
      request.containerStopped();
    }
  }

  void remove(MirroredRequest request) {
    requests.remove(request);
  }

  /** Ends all requests, and those that are added from now on. */
  void stop() {
    stopped = true;
    requests.forEach(MirroredRequest::containerStopped);
  }
}
