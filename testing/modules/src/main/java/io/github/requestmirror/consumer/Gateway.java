package io.github.requestmirror.consumer;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import io.github.requestmirror.servlet.MirrorFilter;
import java.io.IOException;
import java.net.URI;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;

/** Uses each of the mirror's modules once. */
final class Gateway {
  private Gateway() {}

  /**
   * Calls the server of the argument, which is also the mirror's target, and prints the statistics.
   */
  public static void main(String[] args) throws IOException {
    URI server = URI.create(args[0]);
    Mirror mirror = Mirror.start(MirrorTarget.of(server), MirrorPolicy.builder().build());
    MirrorFilter filter = new MirrorFilter(mirror);
    try (mirror;
        CloseableHttpClient client =
            HttpClients.custom()
                .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
                .build()) {
      client.execute(new HttpGet(server), response -> response.getCode());
      filter.destroy();
    }
    System.out.println(Mirror.class.getModule() + ": " + mirror.stats());
  }
}
