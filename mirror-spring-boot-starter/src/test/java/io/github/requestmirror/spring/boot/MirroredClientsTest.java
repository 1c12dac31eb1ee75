package io.github.requestmirror.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.NestedExceptionUtils;

/** The clients that a property names mirror their requests, and no others do. */
class MirroredClientsTest {
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();
  private final WebApplicationContextRunner application =
      new WebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  MirrorAutoConfiguration.class,
                  MirrorFilterAutoConfiguration.class,
                  MirrorClientsAutoConfiguration.class))
          .withUserConfiguration(Clients.class)
          .withPropertyValues("requestmirror.targets.secondary.url=" + secondary.uri());

  @Configuration(proxyBeanMethods = false)
  static class Clients {
    @Bean
    OkHttpClient okHttp() {
      return new OkHttpClient();
    }

    @Bean
    OkHttpClient other() {
      return new OkHttpClient();
    }

    @Bean
    @Scope("prototype")
    OkHttpClient.Builder okHttpBuilder() {
      return new OkHttpClient.Builder();
    }

    @Bean
    HttpClientBuilder classic() {
      return HttpClients.custom();
    }

    @Bean
    HttpAsyncClientBuilder async() {
      return HttpAsyncClients.custom();
    }
  }

  @AfterEach
  void close() {
    primary.close();
    secondary.close();
    Conservation.awaitNoThreads();
  }

  private void call(OkHttpClient client) throws IOException {
    Request request =
        new Request.Builder()
            .url(primary.uri() + "/api/v1/push")
            .post(RequestBody.create(new byte[] {1}))
            .build();
    client.newCall(request).execute().close();
    client.connectionPool().evictAll();
    client.dispatcher().executorService().shutdown();
  }

  private static void assertMirrored(Mirror mirror, long requests) {
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.ACCEPTED)).isEqualTo(requests);
  }

  @Test
  void okHttpClient_isMirrored_ifItIsNamed() {
    application
        .withPropertyValues("requestmirror.clients=okHttp")
        .run(
            context -> {
              Mirror mirror = context.getBean(Mirror.class);
              call(context.getBean("other", OkHttpClient.class));
              assertMirrored(mirror, 0);
              call(context.getBean("okHttp", OkHttpClient.class));
              assertMirrored(mirror, 1);
            });
  }

  @Test
  void builderOfOkHttp_isMirrored_ifItIsNamed() {
    application
        .withPropertyValues("requestmirror.clients=okHttpBuilder")
        .run(
            context -> {
              call(context.getBean(OkHttpClient.Builder.class).build());
              assertMirrored(context.getBean(Mirror.class), 1);
            });
  }

  @Test
  void buildersOfHttpClient_areMirrored_ifTheyAreNamed() {
    application
        .withPropertyValues("requestmirror.clients=classic, async")
        .run(
            context -> {
              HttpPost post = new HttpPost(primary.uri() + "/api/v1/push");
              post.setEntity(new StringEntity("a"));
              try (CloseableHttpClient client = context.getBean(HttpClientBuilder.class).build()) {
                client.execute(post, response -> response.getCode());
              }
              SimpleHttpRequest request =
                  SimpleRequestBuilder.post(primary.uri() + "/api/v1/push")
                      .setBody("b", ContentType.TEXT_PLAIN)
                      .build();
              try (CloseableHttpAsyncClient client =
                  context.getBean(HttpAsyncClientBuilder.class).build()) {
                client.start();
                client.execute(request, null).get();
              }
              assertMirrored(context.getBean(Mirror.class), 2);
            });
  }

  @Test
  void filterIsNotRegistered_ifClientsAreMirrored() {
    application
        .withPropertyValues("requestmirror.clients=okHttp")
        .run(
            context ->
                assertThat(context.getBean(FilterRegistrationBean.class).isEnabled()).isFalse());
  }

  @Test
  void clientIsUnchanged_withoutATarget() {
    application
        .withPropertyValues("requestmirror.targets.secondary.url=", "requestmirror.clients=okHttp")
        .run(context -> assertThat(context).hasFailed());
    new WebApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                MirrorAutoConfiguration.class, MirrorClientsAutoConfiguration.class))
        .withUserConfiguration(Clients.class)
        .withPropertyValues("requestmirror.clients=okHttp")
        .run(
            context ->
                assertThat(context.getBean("okHttp", OkHttpClient.class).interceptors()).isEmpty());
  }

  @Test
  void nameOfNoBean_failsTheStart() {
    assertFails(
        application.withPropertyValues("requestmirror.clients=okHtp"),
        "requestmirror.clients = 'okHtp': there is no bean with this name");
  }

  @Test
  void nameOfAnotherBean_failsTheStart() {
    assertFails(
        application.withPropertyValues("requestmirror.clients=text").withBean("text", String.class),
        "requestmirror.clients = 'text': must be a bean of type HttpClientBuilder,"
            + " HttpAsyncClientBuilder, OkHttpClient, OkHttpClient.Builder, is"
            + " java.lang.String");
  }

  @Test
  void clientWithoutItsModule_failsTheStart() {
    assertFails(
        application
            .withPropertyValues("requestmirror.clients=okHttp")
            .withClassLoader(
                new FilteredClassLoader(
                    "io.github.requestmirror.okhttp", "io.github.requestmirror.httpclient5")),
        "requestmirror.clients = 'okHttp': mirror-okhttp or mirror-httpclient5 must be on the class"
            + " path");
  }

  private static void assertFails(WebApplicationContextRunner application, String message) {
    application.run(
        context ->
            assertThat(mostSpecificCause(context.getStartupFailure()))
                .isInstanceOf(InvalidMirrorPropertyException.class)
                .hasMessage(message));
  }

  private static Throwable mostSpecificCause(@Nullable Throwable failure) {
    assertThat(failure).isNotNull();
    return NestedExceptionUtils.getMostSpecificCause(failure);
  }
}
