package example.starter;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients that send until they are stopped. */
final class Load {
  private static final int CLIENTS = 4;

  private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS, Load::daemon);
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final List<Future<Long>> clients = new ArrayList<>();

  Load(Application application) {
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(threads.submit(() -> send(application)));
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "load");
    thread.setDaemon(true);
    return thread;
  }

  private Long send(Application application) throws Exception {
    long requests = 0;
    while (!stopped.get()) {
      application.push("load");
      requests++;
    }
    return requests;
  }

  /** Fails if a request of a client failed. */
  void stop() throws Exception {
    stopped.set(true);
    long requests = 0;
    for (Future<Long> client : clients) {
      requests += client.get(20, TimeUnit.SECONDS);
    }
    threads.shutdown();
    System.out.println("the primary responded to " + requests + " requests of the load");
  }
}
