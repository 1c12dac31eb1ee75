package example.gateway;

import example.server.Server;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import io.github.requestmirror.micrometer.MirrorMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

/** A program on the class path that mirrors what it sends, and has metrics. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    try (Server primary = new Server();
        Server secondary = new Server();
        Mirror mirror = Mirror.start(MirrorTarget.of(secondary.uri()), Cortex.writes().build());
        CloseableHttpClient client =
            HttpClients.custom()
                .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
                .build()) {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      new MirrorMetrics(mirror).bindTo(registry);
      HttpPost post = new HttpPost(primary.uri() + "/api/v1/push");
      post.setEntity(new StringEntity("samples"));
      client.execute(post, response -> null);
      primary.expect("POST /api/v1/push samples");
      secondary.expect("POST /api/v1/push samples");
      if (registry.getMeters().isEmpty()) {
        throw new IllegalStateException("there are no metrics");
      }
      if (LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory) {
        throw new IllegalStateException("the log lines of the mirror are lost");
      }
    }
  }
}
