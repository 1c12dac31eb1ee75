package io.github.requestmirror.httpclient5;

import io.github.requestmirror.Mirror;
import java.io.IOException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.message.HttpRequestWrapper;
import org.jspecify.annotations.Nullable;

/** One mirrored call of the classic client, on the caller's thread. */
final class ClassicCall {
  private final ClassicHttpRequest request;
  private final ExecChain.Scope scope;
  private final @Nullable HttpEntity entity;
  private final BodyCopy copy;
  private final @Nullable TeeEntity tee;

  ClassicCall(Mirror mirror, ClassicHttpRequest request, ExecChain.Scope scope) {
    this.request = request;
    this.scope = scope;
    this.entity = request.getEntity();
    this.copy =
        new BodyCopy(mirror, new CallHead(scope.clientContext, request, entity), entity != null);
    this.tee = entity == null ? null : new TeeEntity(entity, copy);
  }

  ClassicHttpResponse proceed(ExecChain chain) throws IOException, HttpException {
    try {
      if (tee != null) {
        request.setEntity(tee);
      }
      ClassicHttpResponse response = chain.proceed(request, scopeWithTee());
      copy.responded(response.getCode(), true);
      return response;
    } catch (Throwable t) {
      if (scope.execRuntime.isExecutionAborted()) {
        copy.cancelled();
      } else {
        copy.withoutResponse();
      }
      throw t;
    } finally {
      // Handlers before this one may look at the request or send it again.
      if (tee != null && request.getEntity() == tee) {
        request.setEntity(entity);
      }
    }
  }

  /**
   * Retries and redirects send copies of the original request, so it needs the tee too. The
   * original request is wrapped because it belongs to the caller and must not change.
   */
  private ExecChain.Scope scopeWithTee() {
    HttpEntity original = scope.originalRequest.getEntity();
    if (original == null) {
      return scope;
    }
    return new ExecChain.Scope(
        scope.exchangeId,
        scope.route,
        new WithEntity(
            scope.originalRequest,
            tee != null && original == entity ? tee : new TeeEntity(original, copy)),
        scope.execRuntime,
        scope.clientContext);
  }

  /** The same request with another entity. */
  private static final class WithEntity extends HttpRequestWrapper implements ClassicHttpRequest {
    private @Nullable HttpEntity entity;

    WithEntity(ClassicHttpRequest request, HttpEntity entity) {
      super(request);
      this.entity = entity;
    }

    @Override
    public @Nullable HttpEntity getEntity() {
      return entity;
    }

    @Override
    public void setEntity(@Nullable HttpEntity entity) {
      this.entity = entity;
    }
  }
}
