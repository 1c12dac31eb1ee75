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
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.entity.GzipCompressingEntity;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.net.URIAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** A policy can set them. */
  @Test
  void headersThatTheClientAddsAfterTheHandlerAreNotCopied() throws Exception {
    Mirror mirror =
        start(MirrorPolicy.builder().setHeader("X-Scope-OrgID", "from the policy").build());
    try (CloseableHttpClient client =
        HttpClients.custom()
            .addExecInterceptorFirst("mirror", new MirrorExecChainHandler(mirror))
            .setDefaultHeaders(List.of(new BasicHeader("X-Scope-OrgID", "default")))
            .addRequestInterceptorLast((request, entity, context) -> request.addHeader("X-B", "1"))
            .build()) {
      HttpPost post = new HttpPost(primary.uri());
      post.setEntity(new StringEntity("x"));
      client.execute(post, response -> null);
    }
    Conservation.awaitSettled(mirror);
    assertThat(primary.requests().get(0).header("X-Scope-OrgID")).isEqualTo("default");
    HttpMessage copy = secondary.requests().get(0);
    assertThat(copy.header("X-Scope-OrgID")).isEqualTo("from the policy");
    assertThat(copy.header("X-B")).isNull();
    assertThat(copy.header("User-Agent")).isNull();
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
