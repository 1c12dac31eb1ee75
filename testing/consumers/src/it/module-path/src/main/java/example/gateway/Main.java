package example.gateway;

import example.server.Server;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import io.github.requestmirror.servlet.MirrorFilter;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.io.entity.StringEntity;

/** A module that uses each adapter and mirrors what it sends. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    if (!Mirror.class.getModule().isNamed() || !MirrorFilter.class.getModule().isNamed()) {
      throw new IllegalStateException("the mirror is not on the module path");
    }
    try (Server primary = new Server();
        Server secondary = new Server();
        Mirror mirror = Mirror.start(MirrorTarget.of(secondary.uri()), Cortex.writes().build());
        CloseableHttpClient client =
            HttpClients.custom()
                .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
                .build()) {
      String uri = primary.uri() + "/api/v1/push";
      HttpPost post = new HttpPost(uri);
      post.setEntity(new StringEntity("by HttpClient"));
      client.execute(post, response -> null);
      primary.expect("POST /api/v1/push by HttpClient");
      secondary.expect("POST /api/v1/push by HttpClient");

      OkHttpClient ok =
          new OkHttpClient.Builder().addInterceptor(new MirrorInterceptor(mirror)).build();
      Request request =
          new Request.Builder().url(uri).post(RequestBody.create("by OkHttp", null)).build();
      try (Response response = ok.newCall(request).execute()) {
        System.out.println(response);
      }
      primary.expect("POST /api/v1/push by OkHttp");
      secondary.expect("POST /api/v1/push by OkHttp");
      // Its threads would keep this program running.
      ok.dispatcher().executorService().shutdown();
      ok.connectionPool().evictAll();
    }
  }
}
