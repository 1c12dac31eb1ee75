package io.github.requestmirror.examples.clients;

import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Pushes samples to one cluster with OkHttp. The mirror's interceptor sends copies to a second
 * cluster.
 *
 * <p>Arguments: the base URIs of both clusters; without arguments, two small clusters run in this
 * process. The exit code is 0 if every push arrived at both.
 */
public final class OkHttpExample {
  private static final MediaType PROTOBUF = MediaType.get("application/x-protobuf");

  private OkHttpExample() {}

  /**
   * Runs the example.
   *
   * @param args empty, or the URIs of the primary and the secondary cluster
   * @throws Exception when the primary cannot be reached
   */
  public static void main(String[] args) throws Exception {
    Example.main(args, OkHttpExample::run);
  }

  /** Returns whether every push arrived at both clusters. */
  static boolean run(URI primary, URI secondary, PrintStream out) throws IOException {
    Mirror mirror =
        Mirror.start(
            MirrorTarget.builder(secondary).name("secondary").build(), Cortex.writes().build());
    OkHttpClient client =
        new OkHttpClient.Builder()
            // Interceptors that change the request precede the mirror; this one adds the tenant.
            .addInterceptor(
                chain ->
                    chain.proceed(
                        chain.request().newBuilder().header("X-Scope-OrgID", "team-a").build()))
            .addInterceptor(new MirrorInterceptor(mirror))
            .build();
    int stored = 0;
    try {
      for (int push = 0; push < Example.PUSHES; push++) {
        stored += push(client, primary, push) ? 1 : 0;
      }
    } finally {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
      mirror.close(); // last; waits for pending copies
    }
    MirrorStats.Target stats = mirror.stats().target("secondary");
    out.println("primary stored " + stored + " of " + Example.PUSHES + " pushes");
    out.println("mirror: " + stats);
    return stored == Example.PUSHES && stats.count(Outcome.ACCEPTED) == Example.PUSHES;
  }

  private static boolean push(OkHttpClient client, URI primary, int number) throws IOException {
    Request request =
        new Request.Builder()
            .url(primary.resolve("/api/v1/push").toString())
            .header("Content-Encoding", "snappy")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0")
            .post(RequestBody.create(Example.body(number), PROTOBUF))
            .build();
    try (Response response = client.newCall(request).execute()) {
      return response.isSuccessful();
    }
  }
}
