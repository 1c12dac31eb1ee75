package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.jspecify.annotations.Nullable;

/** Apache HttpClient. Its clients cannot be changed once they are built; their builders can. */
final class HttpClient5Kind implements ClientKind {
  private static final String NAME = "mirror";

  @Override
  public @Nullable Object mirrored(Object bean, Mirror mirror) {
    if (bean instanceof HttpClientBuilder builder) {
      return builder.addExecInterceptorFirst(NAME, new MirrorExecChainHandler(mirror));
    }
    return bean instanceof HttpAsyncClientBuilder builder
        ? builder.addExecInterceptorFirst(NAME, new MirrorExecChainHandler(mirror))
        : null;
  }

  @Override
  public String types() {
    return "HttpClientBuilder, HttpAsyncClientBuilder";
  }
}
