package io.github.requestmirror.examples.clients;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * Pushes samples to one cluster with Apache HttpClient, classic and asynchronous. The mirror's
 * handler sends copies to a second cluster.
 *
 * <p>Arguments: the base URIs of both clusters; without arguments, two small clusters run in this
 * process. The exit code is 0 if every push arrived at both.
 */
public final class HttpClient5Example {
  private static final ContentType PROTOBUF = ContentType.create("application/x-protobuf");

  private HttpClient5Example() {}

  /**
   * Runs the example.
   *
   * @param args empty, or the URIs of the primary and the secondary cluster
   * @throws Exception when the primary cannot be reached
   */
  public static void main(String[] args) throws Exception {
    Example.main(args, HttpClient5Example::run);
  }

  /** Returns whether every push arrived at both clusters. */
  static boolean run(URI primary, URI secondary, PrintStream out) throws Exception {
    URI push = primary.resolve("/api/v1/push");
    Mirror mirror =
        Mirror.start(
            MirrorTarget.builder(secondary).name("secondary").build(), Cortex.writes().build());
    MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);
    int stored = 0;
    try (mirror; // closed last; waits for pending copies
        CloseableHttpClient classic =
            HttpClients.custom().addExecInterceptorFirst("mirror", handler).build();
        CloseableHttpAsyncClient async =
            HttpAsyncClients.custom().addExecInterceptorFirst("mirror", handler).build()) {
      async.start();
      for (int number = 0; number < Example.PUSHES; number += 2) {
        stored += isStored(push(classic, push, Example.body(number)));
        stored += isStored(push(async, push, Example.body(number + 1)));
      }
    }
    MirrorStats.Target stats = mirror.stats().target("secondary");
    out.println("primary stored " + stored + " of " + Example.PUSHES + " pushes");
    out.println("mirror: " + stats);
    return stored == Example.PUSHES && stats.count(Outcome.ACCEPTED) == Example.PUSHES;
  }

  private static int push(CloseableHttpClient client, URI uri, byte[] samples) throws IOException {
    HttpPost post = new HttpPost(uri);
    post.setHeader("Content-Encoding", "snappy");
    post.setHeader("X-Scope-OrgID", "team-a");
    post.setEntity(new ByteArrayEntity(samples, PROTOBUF));
    return client.execute(post, response -> response.getCode());
  }

  private static int push(CloseableHttpAsyncClient client, URI uri, byte[] samples)
      throws InterruptedException, ExecutionException {
    SimpleHttpRequest post =
        SimpleRequestBuilder.post(uri)
            .setHeader("Content-Encoding", "snappy")
            .setHeader("X-Scope-OrgID", "team-a")
            .setBody(samples, PROTOBUF)
            .build();
    return client.execute(post, null).get().getCode();
  }

  private static int isStored(int status) {
    return status / 100 == 2 ? 1 : 0;
  }
}
