package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import okhttp3.FormBody;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The head of a copy, where OkHttp determines it. */
class HeadTest extends InterceptorFixture {
  private static final RequestBody BODY = RequestBody.create(bytes(100), PROTOBUF);

  private static void call(OkHttpClient client, Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(200);
    }
  }

  /** Makes a call to a new primary and returns the copy. */
  private HttpMessage copyOf(Request.Builder request) throws IOException {
    try (TestTarget primary = WELL.get()) {
      Request own = request.build();
      HttpUrl url = own.url().newBuilder().host("127.0.0.1").port(primary.port()).build();
      call(mirrored(), own.newBuilder().url(url).build());
      HttpMessage atPrimary = primary.requests().get(0);
      Conservation.awaitSettled(mirror());
      HttpMessage copy = target.requests().get(target.requests().size() - 1);
      assertThat(copy.startLine()).isEqualTo(atPrimary.startLine());
      assertThat(copy.headers("Content-Type")).isEqualTo(atPrimary.headers("Content-Type"));
      assertThat(copy.headers("Content-Encoding")).isEqualTo(atPrimary.headers("Content-Encoding"));
      assertThat(copy.headers("X-Request-Mirror")).containsExactly("1");
      assertThat(copy.body()).isEqualTo(atPrimary.body());
      return copy;
    }
  }

  private static Request.Builder request(String pathAndQuery) {
    return new Request.Builder().url("http://127.0.0.1:1" + pathAndQuery);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/api/v1/push",
        "/a%2Fb/%7Euser/%41;v=1//x/",
        "/api/v1/push?",
        "/api/v1/push?a=1&b=%20+%2B&c&=&d=%26",
        "/q?match[]=up{job=%22x%22}",
        "/gr\u00fc\u00dfe?q=\u20ac"
      })
  void pathAndQueryAreThoseOfThePrimary(String pathAndQuery) throws IOException {
    HttpMessage copy = copyOf(request(pathAndQuery).post(BODY));
    assertThat(copy.startLine()).startsWith("POST /");
  }

  @Test
  void nonAsciiHeaderValueIsCopiedByteForByte() throws IOException {
    Headers headers = new Headers.Builder().addUnsafeNonAscii("X-Name", "gr\u00fcn \u20ac").build();
    HttpMessage copy = copyOf(request("/").headers(headers).post(BODY));
    byte[] value = "gr\u00fcn \u20ac".getBytes(StandardCharsets.UTF_8);
    assertThat(copy.header("X-Name")).isEqualTo(new String(value, StandardCharsets.ISO_8859_1));
  }

  @Test
  void contentTypeOfTheBodyReplacesThatOfTheRequest() throws IOException {
    HttpMessage copy = copyOf(request("/").addHeader("content-type", "text/wrong").post(BODY));
    assertThat(copy.headers("Content-Type")).containsExactly("application/x-protobuf");
  }

  @Test
  void contentTypeOfTheRequestIsKeptIfTheBodyHasNone() throws IOException {
    HttpMessage copy =
        copyOf(
            request("/")
                .addHeader("Content-Type", "application/x-protobuf;proto=a.B")
                .post(RequestBody.create(bytes(10), null)));
    assertThat(copy.headers("Content-Type")).containsExactly("application/x-protobuf;proto=a.B");
  }

  @Test
  void contentTypeParametersAreKept() throws IOException {
    MediaType type = MediaType.get("application/x-protobuf;proto=io.prometheus.write.v2.Request");
    HttpMessage copy = copyOf(request("/").post(RequestBody.create(bytes(10), type)));
    assertThat(copy.header("Content-Type")).isEqualTo(type.toString());
  }

  @Test
  void contentLengthOfTheRequestIsIgnored() throws IOException {
    copyOf(request("/").addHeader("Content-Length", "7").post(BODY));
    copyOf(
        request("/").addHeader("Content-Length", "7").post(body(-1, sink -> sink.write(bytes(9)))));
    assertOutcomes(Outcome.ACCEPTED, Outcome.ACCEPTED);
  }

  @Test
  void formIsCopied() throws IOException {
    HttpMessage copy =
        copyOf(request("/").post(new FormBody.Builder().add("query", "up & down").build()));
    assertThat(copy.header("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
    assertThat(copy.body()).asString().startsWith("query=up").hasSizeGreaterThan(15);
  }

  @Test
  void headersThatOkHttpAddsAreNotCopied() throws IOException {
    HttpMessage copy = copyOf(request("/").addHeader("Connection", "X-Gone").post(BODY));
    assertThat(copy.headerLines())
        .containsExactlyInAnyOrder(
            "Host: 127.0.0.1:" + target.port(),
            "Content-Type: application/x-protobuf",
            "Content-Length: 100",
            "Connection: keep-alive",
            "X-Request-Mirror: 1");
  }

  @Test
  void hostOfTheRequestIsCopiedIfThePolicyKeepsIt() throws IOException {
    mirror(limits -> limits, policy -> policy.keepHost());
    HttpMessage copy = copyOf(request("/").post(BODY).header("Host", "cortex.example"));
    assertThat(copy.headers("Host")).containsExactly("cortex.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.org/ example.org",
        "http://example.org:80/ example.org",
        "http://example.org:8080/ example.org:8080",
        "https://example.org/ example.org",
        "https://example.org:80/ example.org:80",
        "http://[::1]/ [::1]",
        "http://[::1]:9009/ [::1]:9009"
      })
  void hostHasTheFormThatOkHttpSends(String urlAndHost) {
    List<String> parts = List.of(urlAndHost.split(" "));
    OkHttpHead head = new OkHttpHead(new Request.Builder().url(parts.get(0)).build());
    assertThat(head.header("host")).isEqualTo(parts.get(1));
    assertThat(head.headers().values("Host")).containsExactly(parts.get(1));
  }
}
