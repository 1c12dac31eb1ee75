package io.github.requestmirror.spring.boot;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.httpclient5.MirrorExecChainHandler;
import io.github.requestmirror.okhttp.MirrorInterceptor;
import okhttp3.OkHttpClient;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Adds interceptors to the clients that the property {@code requestmirror.clients} names. */
@AutoConfiguration(after = MirrorAutoConfiguration.class)
public final class MirrorClientsAutoConfiguration {

  /** For Spring. */
  MirrorClientsAutoConfiguration() {}

  /** Static, and with providers, because it is created before other beans. */
  @Bean
  static MirroredClients requestMirrorClients(
      Environment environment, ObjectProvider<Mirror> mirror, ObjectProvider<ClientKind> kinds) {
    return new MirroredClients(MirrorProperties.of(environment).clients(), mirror, kinds);
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({MirrorInterceptor.class, OkHttpClient.class})
  static class OkHttp {
    @Bean
    ClientKind requestMirrorOkHttp() {
      return new OkHttpKind();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({MirrorExecChainHandler.class, ExecChainHandler.class})
  static class HttpClient5 {
    @Bean
    ClientKind requestMirrorHttpClient5() {
      return new HttpClient5Kind();
    }
  }
}
