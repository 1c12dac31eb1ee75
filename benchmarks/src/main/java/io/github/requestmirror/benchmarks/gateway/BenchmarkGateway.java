package io.github.requestmirror.benchmarks.gateway;

import com.sun.management.ThreadMXBean;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The gateway that is measured: Jetty's proxy, with the mirror as a filter if there is a secondary.
 * It prints its port, and the bytes that its threads have allocated and the statistics of the
 * mirror for each line that it reads.
 */
final class BenchmarkGateway {
  private BenchmarkGateway() {}

  /**
   * Runs until the standard input ends.
   *
   * @param args the primary's URI, and the secondary's or nothing
   */
  public static void main(String[] args) throws Exception {
    QueuedThreadPool threads = new QueuedThreadPool(64);
    Server server = new Server(threads);
    ServerConnector connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder proxy = new ServletHolder(new Proxy(URI.create(args[0])));
    proxy.setAsyncSupported(true);
    context.addServlet(proxy, "/*");
    Mirror mirror =
        args.length > 1
            ? Mirror.start(MirrorTarget.of(URI.create(args[1])), Cortex.writes().build())
            : null;
    if (mirror != null) {
      FilterHolder filter = new FilterHolder(new MirrorFilter(mirror));
      filter.setAsyncSupported(true);
      context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }
    server.setHandler(context);
    server.start();
    System.out.println("port " + connector.getLocalPort());

    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    while (commands.readLine() != null) {
      System.out.println(allocatedBytes() + " " + counters(mirror));
    }
    server.stop();
    if (mirror != null) {
      mirror.close();
    }
    System.exit(0);
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  /** Returns the requests offered, those with a response, and the copies that are left. */
  private static String counters(Mirror mirror) {
    if (mirror == null) {
      return "0 0 0";
    }
    MirrorStats.Target stats = mirror.stats().targets().get(0);
    return stats.offered() + " " + stats.responded() + " " + stats.pending();
  }

  private static final class Proxy extends AsyncProxyServlet {
    private static final long serialVersionUID = 1L;
    private final transient URI primary;

    Proxy(URI primary) {
      this.primary = primary;
    }

    @Override
    protected String rewriteTarget(HttpServletRequest request) {
      return primary + request.getRequestURI();
    }

    @Override
    protected HttpClient newHttpClient() {
      ClientConnector connector = new ClientConnector();
      connector.setSelectors(1);
      HttpClientTransport transport = new HttpClientTransportOverHTTP(connector);
      return new HttpClient(transport);
    }
  }
}
