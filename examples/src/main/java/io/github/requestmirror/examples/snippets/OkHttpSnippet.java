package io.github.requestmirror.examples.snippets;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;

final class OkHttpSnippet {
  private OkHttpSnippet() {}

  static OkHttpClient register(Mirror mirror, Interceptor tenant) {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .addInterceptor(tenant)
            .addInterceptor(new MirrorInterceptor(mirror)) // last
            .build();
    return client;
  }
}
