package io.github.requestmirror.benchmarks.gateway;

import com.sun.management.ThreadMXBean;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.gateway.Gateway;
import io.github.requestmirror.gateway.GatewayOptions;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The gateway in Java that is measured. It prints its port, and {@link GatewayCounters} for each
 * line that it reads.
 */
final class BenchmarkGateway {
  private BenchmarkGateway() {}

  /**
   * Runs until the standard input ends.
   *
   * @param args {@code none}, {@code filter}, {@code naive}, {@code gateway} or {@code
   *     gateway-disabled}; the primary's port; the secondary's; the number of targets
   */
  public static void main(String[] args) throws Exception {
    URI primary = URI.create("http://127.0.0.1:" + args[1]);
    URI secondary = URI.create("http://127.0.0.1:" + args[2]);
    Mirror mirror = null;
    int port;
    switch (args[0]) {
      case "gateway", "gateway-disabled" -> {
        Gateway gateway =
            Gateway.start(
                GatewayOptions.parse(
                    "--primary=" + primary,
                    "--target=" + secondary,
                    "--bind=127.0.0.1",
                    "--listen=0",
                    "--admin=0"));
        mirror = gateway.mirror();
        mirror.enabled(args[0].equals("gateway"));
        port = gateway.port();
      }
      case "filter" -> {
        mirror = mirror(secondary, Integer.parseInt(args[3]));
        port = jetty(primary, new MirrorFilter(mirror));
      }
      case "naive" -> port = jetty(primary, new NaiveMirrorFilter(secondary));
      case "none" -> port = jetty(primary, null);
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.println("port " + port);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    while (commands.readLine() != null) {
      System.out.println(counters(mirror).line());
    }
    Runtime.getRuntime().halt(0);
  }

  private static Mirror mirror(URI secondary, int targets) {
    Mirror.Builder mirror = Mirror.builder();
    for (int i = 0; i < targets; i++) {
      MirrorTarget target = MirrorTarget.builder(secondary).name("target" + i).build();
      mirror.target(target, Cortex.writes().build());
    }
    return mirror.start();
  }

  /**
   * Starts Jetty's proxy.
   *
   * @return its port
   */
  private static int jetty(URI primary, Filter filter) throws Exception {
    Server server = new Server(new QueuedThreadPool(64));
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder proxy = new ServletHolder(new JettyProxy(primary));
    proxy.setAsyncSupported(true);
    context.addServlet(proxy, "/*");
    if (filter != null) {
      FilterHolder holder = new FilterHolder(filter);
      holder.setAsyncSupported(true);
      context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }
    server.setHandler(context);
    server.start();
    return connector.getLocalPort();
  }

  private static GatewayCounters counters(Mirror mirror) {
    long responded = 0;
    long pending = 0;
    long full = 0;
    if (mirror != null) {
      for (MirrorStats.Target target : mirror.stats().targets()) {
        responded += target.responded();
        pending += target.pending();
        full += target.count(Outcome.BUFFER_FULL) + target.count(Outcome.SCOPE_FULL);
      }
    }
    return new GatewayCounters(
        allocatedBytes(),
        responded,
        pending,
        full,
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum());
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
