package io.github.requestmirror.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Cortex;
import io.github.requestmirror.Headers;
import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The head of a request for policies and targets, where HttpClient determines it. */
class HeadTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  private final TestTarget primary = new TestTarget();
  private final TestTarget secondary = new TestTarget();

  @AfterEach
  void closeServers() {
    primary.close();
    secondary.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.start(MirrorTarget.builder(secondary.uri()).name("secondary").build(), policy));
  }

  private static ClientHead head(String path) {
    BasicHttpRequest request = new BasicHttpRequest("POST", "/");
    request.setPath(path);
    return new ClientHead(request, null);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "/a, /a, null",
        "/a?, /a, ''",
        "/a?b, /a, b",
        "/a?b?c=/d, /a, b?c=/d",
        "/a%2Fb%3f?x=%20+, /a%2Fb%3f, x=%20+",
        "//a//, //a//, null",
        "/http://x/y, /http://x/y, null",
        "'', '', null",
        "null, '', null",
        "*, *, null",
        "http://host:1/a?x, http://host:1/a, x",
        "http://host?x=/y, http://host, x=/y",
        "?x, '', x"
      })
  void pathAndQueryAreThoseOfTheRequestLine(String path, String rawPath, String rawQuery) {
    assertThat(head(path).rawPath()).isEqualTo(rawPath);
    assertThat(head(path).rawQuery()).isEqualTo(rawQuery);
  }

  /** The core reduces the absolute form, so that policies can match and deny it. */
  @ParameterizedTest
  @CsvSource({
    "http://host:1/ingester/shutdown?x, DENIED",
    "https://host, ACCEPTED",
    "'', ACCEPTED",
    "/a#b, POLICY_ERROR"
  })
  void everyFormOfTheTargetIsUnderstood(String path, Outcome outcome) {
    Mirror mirror = start(Cortex.everything().build());
    Capture capture = mirror.capture(head(path));
    capture.complete();
    capture.primaryResponded(200);
    Conservation.awaitSettled(mirror);
    assertThat(mirror.stats().target("secondary").count(outcome)).isEqualTo(1);
  }

  @Test
  void textOmitsTheQuery() {
    assertThat(head("/a?hush")).hasToString("POST /a");
  }

  @Test
  void headersOfTheCallerReplaceThoseOfTheEntity() {
    StringEntity entity = new StringEntity("12345", ContentType.TEXT_PLAIN, "snappy", false);
    BasicHttpRequest request = new BasicHttpRequest("POST", URI.create("http://host:81/"));
    request.addHeader("X-a", "1");
    assertFields(
        new ClientHead(request, entity).headers(),
        "X-a: 1",
        "Content-Length: 5",
        "Content-Type: " + ContentType.TEXT_PLAIN,
        "Content-Encoding: snappy",
        "Host: host:81");
    request.addHeader("content-type", "application/x-protobuf");
    request.addHeader("x-A", null);
    request.addHeader("HOST", "other");
    ClientHead head = new ClientHead(request, entity);
    assertFields(
        head.headers(),
        "X-a: 1",
        "content-type: application/x-protobuf",
        "x-A: ",
        "HOST: other",
        "Content-Length: 5",
        "Content-Encoding: snappy");
    assertThat(head.header("CONTENT-TYPE")).isEqualTo("application/x-protobuf");
    assertThat(head.header("content-encoding")).isEqualTo("snappy");
    assertThat(head.header("content-length")).isEqualTo("5");
    assertThat(head.header("host")).isEqualTo("other");
    assertThat(head.header("x-a")).isEqualTo("1");
    assertThat(head.header("x-b")).isNull();
  }

  @Test
  void headersThatTheClientDoesNotSendAreMissing() {
    StringEntity chunked = new StringEntity("12345", ContentType.TEXT_PLAIN, true);
    BasicHttpRequest request = new BasicHttpRequest("POST", "/");
    assertThat(new ClientHead(request, chunked).header("Content-Length")).isNull();
    assertThat(new ClientHead(request, null).header("Content-Length")).isNull();
    assertThat(new ClientHead(request, null).header("Content-Type")).isNull();
    assertThat(new ClientHead(request, null).header("Host")).isNull();
    request.setAuthority(new URIAuthority("user", "::1", 81));
    assertThat(new ClientHead(request, null).header("Host")).isEqualTo("[::1]:81");
  }

  private static void assertFields(Headers headers, String... lines) {
    String[] fields = new String[headers.size()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = headers.name(i) + ": " + headers.value(i);
    }
    assertThat(fields).containsExactly(lines);
  }

  private static final BasicHeader TENANT = new BasicHeader("X-Scope-OrgID", "default");

  private static void addHeader(HttpRequest request, EntityDetails body, HttpContext context) {
    request.addHeader("X-B", "1");
  }

  /** Copies only the calls of the default tenant. */
  private Mirror startForDefaultTenant() {
    return start(
        MirrorPolicy.builder()
            .when(head -> "default".equals(head.header("x-scope-orgid")))
            .build());
  }

  private void assertCopyHasTheHeadersOfTheClient(Mirror mirror) {
    Conservation.awaitSettled(mirror);
    HttpMessage sent = primary.requests().get(0);
    assertThat(secondary.requests()).hasSize(1);
    HttpMessage copy = secondary.requests().get(0);
    assertThat(copy.startLine()).isEqualTo(sent.startLine());
    for (String name : List.of("X-Scope-OrgID", "X-B", "User-Agent", "Content-Encoding")) {
      assertThat(copy.headers(name)).as(name).hasSize(1).isEqualTo(sent.headers(name));
    }
    assertThat(copy.headers("Content-Type")).isEqualTo(sent.headers("Content-Type"));
    assertThat(copy.body()).isEqualTo(sent.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "declared", "chunked"})
  void classicCallIsCopiedWithTheHeadersThatTheClientAdds(String body) throws Exception {
    Mirror mirror = startForDefaultTenant();
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .setDefaultHeaders(List.of(TENANT, new BasicHeader("Content-Encoding", "snappy")))
            .addRequestInterceptorLast(HeadTest::addHeader)
            .build()) {
      BasicClassicHttpRequest post =
          new BasicClassicHttpRequest("POST", URI.create(primary.uri() + "/a?b"));
      if (!body.equals("none")) {
        post.setEntity(new StringEntity("x", ContentType.TEXT_PLAIN, body.equals("chunked")));
      }
      client.execute(post, response -> null);
    }
    assertCopyHasTheHeadersOfTheClient(mirror);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void asyncCallIsCopiedWithTheHeadersThatTheClientAdds(boolean body) throws Exception {
    Mirror mirror = startForDefaultTenant();
    try (CloseableHttpAsyncClient client =
        HttpAsyncClients.custom()
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .setDefaultHeaders(List.of(TENANT, new BasicHeader("Content-Encoding", "snappy")))
            .addRequestInterceptorLast(HeadTest::addHeader)
            .build()) {
      client.start();
      SimpleHttpRequest post = SimpleHttpRequest.create("POST", URI.create(primary.uri() + "/a?b"));
      if (body) {
        post.setBody("x", ContentType.TEXT_PLAIN);
      }
      client.execute(post, null).get(20, TimeUnit.SECONDS);
    }
    assertCopyHasTheHeadersOfTheClient(mirror);
  }

  /** The policy sees the headers of the request that the client sends once more. */
  @Test
  void callThatIsRetriedAfterARefusedConnectionIsCopiedWithTheHeadersOfTheClient()
      throws Exception {
    Mirror mirror = startForDefaultTenant();
    AtomicInteger attempts = new AtomicInteger();
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorLast(
                "refused once",
                (request, scope, chain) -> {
                  if (attempts.incrementAndGet() == 1) {
                    throw new IOException("refused on purpose");
                  }
                  return chain.proceed(request, scope);
                })
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ZERO_MILLISECONDS))
            .setDefaultHeaders(List.of(TENANT, new BasicHeader("Content-Encoding", "snappy")))
            .addRequestInterceptorLast(HeadTest::addHeader)
            .build()) {
      client.execute(
          new BasicClassicHttpRequest("DELETE", URI.create(primary.uri() + "/a?b")),
          response -> null);
    }
    assertThat(attempts).hasValue(2);
    assertCopyHasTheHeadersOfTheClient(mirror);
  }

  /** The proxy receives the absolute form. */
  @Test
  void copyOfACallThroughAProxyHasPathAndQuery() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().path("/a%20b").build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .setProxy(new HttpHost("127.0.0.1", primary.port()))
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build()) {
      HttpPost post = new HttpPost("http://cortex.invalid:9009/a%20b?c");
      post.setAbsoluteRequestUri(true);
      post.setEntity(new StringEntity("x"));
      client.execute(post, response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests().get(0).requestTarget())
        .isEqualTo("http://cortex.invalid:9009/a%20b?c");
    assertThat(secondary.requests().get(0).requestTarget()).isEqualTo("/a%20b?c");
  }

  @Test
  void copyOfACompressingEntityIsCompressed() throws Exception {
    Mirror mirror = start(MirrorPolicy.builder().build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .build()) {
      BasicClassicHttpRequest post =
          new BasicClassicHttpRequest("POST", URI.create(primary.uri() + "/"));
      post.setEntity(
          new GzipCompressingEntity(
              new StringEntity("compress me", ContentType.create("a/b", StandardCharsets.UTF_8))));
      client.execute(post, response -> null);
    }
    Conservation.awaitSettled(mirror);
    HttpMessage copy = secondary.requests().get(0);
    assertThat(copy.body()).isEqualTo(primary.requests().get(0).body());
    assertThat(copy.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(copy.header("Content-Type")).isEqualTo("a/b; charset=UTF-8");
  }
}
