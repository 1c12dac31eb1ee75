package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** OkHttp. The interceptor is added last, so that it sees the requests of the others. */
final class OkHttpKind implements ClientKind {

  @Override
  public @Nullable Object mirrored(Object bean, Mirror mirror) {
    if (bean instanceof OkHttpClient client) {
      // Shares the connections and the dispatcher.
      return client.newBuilder().addInterceptor(new MirrorInterceptor(mirror)).build();
    }
    return bean instanceof OkHttpClient.Builder builder
        ? builder.addInterceptor(new MirrorInterceptor(mirror))
        : null;
  }

  @Override
  public String types() {
    return "OkHttpClient, OkHttpClient.Builder";
  }
}
