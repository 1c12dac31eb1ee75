package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;

final class HttpClient5Snippet {
  private HttpClient5Snippet() {}

  static CloseableHttpClient classic(Mirror mirror) {
    CloseableHttpClient client =
        HttpClients.custom() // or HttpAsyncClients
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build();
    return client;
  }

  static CloseableHttpAsyncClient async(Mirror mirror) {
    return HttpAsyncClients.custom()
        .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
        .build();
  }
}
