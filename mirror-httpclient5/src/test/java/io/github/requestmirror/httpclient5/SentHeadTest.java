package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.BufferedHttpEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The head of a call of several requests, for policies and copies. */
class SentHeadTest {
  private static final List<Header> DEFAULT_HEADERS =
      List.of(new BasicHeader("X-Scope-OrgID", "default"));

  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Mirror mirror =
      conservation.watch(
          Mirror.start(
              MirrorTarget.builder(secondary.uri()).name("secondary").build(),
              MirrorPolicy.builder()
                  .when(head -> seen.add("when " + head.header("X-Scope-OrgID")))
                  .fraction(0.999_999)
                  .sampleBy(
                      head -> {
                        seen.add("sample " + head.header("X-Scope-OrgID"));
                        return "always sampled";
                      })
                  .scope(
                      head -> {
                        seen.add("scope " + head.header("X-Scope-OrgID"));
                        return "scope";
                      })
                  .build()));
  private final MirrorExecChainHandler handler = new MirrorExecChainHandler(mirror);

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private static Stream<Arguments> calls() {
    return Stream.of(
        Arguments.of(false, false),
        Arguments.of(false, true),
        Arguments.of(true, false),
        Arguments.of(true, true));
  }

  /** Sends a POST to /a?b with the default headers of the client. */
  private int call(boolean async, boolean body) throws Exception {
    URI uri = URI.create(primary.uri() + "/a?b");
    DefaultHttpRequestRetryStrategy retry =
        new DefaultHttpRequestRetryStrategy(1, TimeValue.ZERO_MILLISECONDS);
    BasicCredentialsProvider credentials = new BasicCredentialsProvider();
    credentials.setCredentials(
        new AuthScope(null, -1), new UsernamePasswordCredentials("user", "secret".toCharArray()));
    if (async) {
      try (CloseableHttpAsyncClient client =
          HttpAsyncClients.custom()
              .addExecInterceptorFirst("mirror", handler)
              .setDefaultHeaders(DEFAULT_HEADERS)
              .setRetryStrategy(retry)
              .setDefaultCredentialsProvider(credentials)
              .build()) {
        client.start();
        SimpleHttpRequest post = SimpleHttpRequest.create("POST", uri);
        if (body) {
          post.setBody("body", ContentType.TEXT_PLAIN);
        }
        return client.execute(post, null).get(20, TimeUnit.SECONDS).getCode();
      }
    }
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", handler)
            .setDefaultHeaders(DEFAULT_HEADERS)
            .setRetryStrategy(retry)
            .setDefaultCredentialsProvider(credentials)
            .build()) {
      BasicClassicHttpRequest post = new BasicClassicHttpRequest("POST", uri);
      if (body) {
        post.setEntity(new StringEntity("body", ContentType.TEXT_PLAIN));
      }
      return client.execute(post, response -> response.getCode());
    }
  }

  private static void send(OutputStream out, String... lines) throws IOException {
    out.write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private HttpMessage copy(boolean body) {
    Conservation.awaitSettled(mirror);
    assertThat(secondary.requests()).hasSize(1);
    HttpMessage copy = secondary.requests().get(0);
    assertThat(copy.startLine()).isEqualTo("POST /a?b HTTP/1.1");
    assertThat(copy.headers("X-Scope-OrgID")).containsExactly("default");
    assertThat(copy.headers("Host")).hasSize(1);
    assertThat(copy.headers("Content-Length")).hasSizeLessThan(2);
    assertThat(new String(copy.body(), StandardCharsets.US_ASCII)).isEqualTo(body ? "body" : "");
    assertThat(seen).containsExactly("when default", "sample default", "scope default");
    return copy;
  }

  @ParameterizedTest
  @MethodSource("calls")
  void functionsOfThePolicySeeTheTenantOfTheClient(boolean async, boolean body) throws Exception {
    assertThat(call(async, body)).isEqualTo(204);
    copy(body);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void copyOfARedirectedCallHasThePathOfTheCall(boolean async, boolean body) throws Exception {
    primary.behave(
        (request, out) -> {
          if (request.requestTarget().equals("/a?b")) {
            send(out, "HTTP/1.1 307 Moved", "Location: /c", "Content-Length: 0");
          } else {
            TestTarget.status(204).handle(request, out);
          }
        });
    assertThat(call(async, body)).isEqualTo(204);
    assertThat(primary.requests()).hasSize(2);
    copy(body);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void repeatedCallIsCopiedOnce(boolean async, boolean body) throws Exception {
    primary.behave(
        (request, out) ->
            TestTarget.status(primary.requests().size() == 1 ? 503 : 204).handle(request, out));
    assertThat(call(async, body)).isEqualTo(204);
    assertThat(primary.requests()).hasSize(2);
    copy(body);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void challengedCallIsCopiedWithoutCredentials(boolean async, boolean body) throws Exception {
    primary.behave(
        (request, out) -> {
          if (request.header("Authorization") == null) {
            String challenge = "WWW-Authenticate: Basic realm=\"x\"";
            send(out, "HTTP/1.1 401 Who", challenge, "Content-Length: 0");
          } else {
            TestTarget.status(204).handle(request, out);
          }
        });
    assertThat(call(async, body)).isEqualTo(204);
    assertThat(primary.requests()).hasSize(2);
    assertThat(copy(body).header("Authorization")).isNull();
  }

  /** The body that is copied has no encoding; the default header is that of the other body. */
  @Test
  void copyHasNotTheEncodingOfAHandlerAfterTheMirror() throws Exception {
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "compress",
                (request, scope, chain) -> {
                  request.setEntity(new GzipCompressingEntity(request.getEntity()));
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", handler)
            .setDefaultHeaders(
                List.of(DEFAULT_HEADERS.get(0), new BasicHeader("Content-Encoding", "gzip")))
            .build()) {
      HttpPost post = new HttpPost(primary.uri() + "/a?b");
      post.setEntity(new StringEntity("body", ContentType.TEXT_PLAIN));
      client.execute(post, response -> null);
    }
    HttpMessage copy = copy(true);
    assertThat(copy.header("Content-Encoding")).isNull();
    assertThat(copy.header("Content-Type")).isEqualTo(ContentType.TEXT_PLAIN.toString());
    assertThat(copy.header("Content-Length")).isEqualTo("4");
  }

  /** The policy decides by the headers that the caller has set. */
  @Test
  void callThatIsCancelledBeforeItIsSentIsCounted() throws Exception {
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", handler)
            .setDefaultHeaders(DEFAULT_HEADERS)
            .build()) {
      HttpPost post = new HttpPost(primary.uri() + "/a?b");
      post.cancel();
      assertThat(catchThrowable(() -> client.execute(post, response -> null))).isNotNull();
    }
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(Outcome.BODY_INCOMPLETE)).isEqualTo(1);
    assertThat(primary.requests()).isEmpty();
    assertThat(secondary.requests()).isEmpty();
    assertThat(seen).containsExactly("when null", "sample null", "scope null");
  }

  /** A documented limit: the client has not added its headers yet. */
  @Test
  void bodyThatAHandlerWritesEarlierIsCopiedWithTheHeadersOfTheCaller() throws Exception {
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst(
                "buffer",
                (request, scope, chain) -> {
                  request.setEntity(new BufferedHttpEntity(request.getEntity()));
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", handler)
            .setDefaultHeaders(DEFAULT_HEADERS)
            .build()) {
      HttpPost post = new HttpPost(primary.uri() + "/a?b");
      // A repeatable entity is not buffered.
      byte[] body = "body".getBytes(StandardCharsets.US_ASCII);
      post.setEntity(new InputStreamEntity(new ByteArrayInputStream(body), null));
      client.execute(post, response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests().get(0).header("X-Scope-OrgID")).isEqualTo("default");
    assertThat(seen).containsExactly("when null", "sample null", "scope null");
    assertThat(secondary.requests().get(0).header("X-Scope-OrgID")).isNull();
    assertThat(secondary.requests().get(0).body())
        .isEqualTo("body".getBytes(StandardCharsets.US_ASCII));
  }

  /** A documented limit: it looks like a connection that broke after the request. */
  @Test
  void callWithoutABodyWhoseInterceptorThrowsIsCopied() throws Exception {
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", handler)
            .addRequestInterceptorLast(
                (request, body, context) -> {
                  throw new HttpException("on purpose");
                })
            .build()) {
      HttpPost post = new HttpPost(primary.uri() + "/a?b");
      assertThat(catchThrowable(() -> client.execute(post, response -> null)))
          .hasRootCauseMessage("on purpose");
    }
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests()).isEmpty();
    assertThat(secondary.requests()).hasSize(1);
  }
}
