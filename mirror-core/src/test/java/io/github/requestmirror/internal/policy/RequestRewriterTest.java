package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.Headers;
import io.github.requestmirror.MirrorTraceContext;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.capture.HeadSnapshot;
import io.github.requestmirror.internal.policy.RequestRewriter.Edit;
import io.github.requestmirror.internal.policy.RequestRewriter.Host;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.TargetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRewriterTest {
  private static final TargetAddress TARGET = TargetAddress.of(URI.create("http://secondary:9009"));
  private static final DenyList NOTHING = new DenyList(List.of());

  private static RequestRewriter rewriter(Edit... edits) {
    return new RequestRewriter(
        List.of(edits), false, MirrorTraceContext.DROP, Host.ofTarget(), false, null, NOTHING);
  }

  private static @Nullable OutboundRequest copy(
      RequestRewriter rewriter, HeadSnapshot head, TargetAddress target) {
    String pathAndQuery = rewriter.pathAndQuery(head, target);
    return pathAndQuery == null
        ? null
        : rewriter.copy(head, pathAndQuery, new Body(), target, "X-Mirror");
  }

  private static List<String> headers(RequestRewriter rewriter, String... headers) {
    HeadSnapshot head = new HeadSnapshot("POST", "", "/", null, Headers.of(headers));
    OutboundRequest request = copy(rewriter, head, TARGET);
    assertThat(request).isNotNull();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < request.headers().size(); i++) {
      lines.add(request.headers().name(i) + ": " + request.headers().value(i));
    }
    return lines;
  }

  private static @Nullable String target(
      String base, @Nullable UnaryOperator<String> rewrite, String path, @Nullable String query) {
    RequestRewriter rewriter =
        new RequestRewriter(
            List.of(),
            false,
            MirrorTraceContext.DROP,
            Host.ofTarget(),
            false,
            rewrite,
            new DenyList(List.of(DenyList.Endpoint.of("*", "/ingester/shutdown"))));
    OutboundRequest request =
        copy(
            rewriter,
            new HeadSnapshot("GET", "", path, query, Headers.of()),
            TargetAddress.of(URI.create("http://secondary" + base)));
    return request == null ? null : request.path();
  }

  @Test
  void keepsOrderCaseAndRepeatsOfEndToEndHeaders() {
    assertThat(
            headers(
                rewriter(),
                "b-second",
                "1",
                "X-Scope-OrgID",
                "tenant",
                "A-First",
                "2",
                "B-SECOND",
                "3",
                "Content-Type",
                "application/x-protobuf;proto=io.prometheus.write.v2.Request",
                "Empty",
                ""))
        .containsExactly(
            "Host: secondary:9009",
            "b-second: 1",
            "X-Scope-OrgID: tenant",
            "A-First: 2",
            "B-SECOND: 3",
            "Content-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request",
            "Empty: ",
            "X-Mirror: 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "Content-Length",
        "Expect",
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "X-Amz-Security-Token",
        "X-Amz-Date",
        "X-Amz-Content-Sha256",
        "X-Amz-Signature",
        "X-Amzn-Oidc-Data",
        "X-Api-Key",
        "X-Auth-Token",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-Access-Token",
        "X-Vault-Token",
        "X-Goog-Iap-Jwt-Assertion",
        "X-Ms-Token-Aad-Id-Token",
        "X-Grafana-Id",
        "Cookie2"
      })
  void removesHopByHopHeadersAndCredentials(String name) {
    assertThat(headers(rewriter(), name, "v", name.toUpperCase(Locale.ROOT), "w"))
        .containsExactly("Host: secondary:9009", "X-Mirror: 1");
  }

  @Test
  void removesHeadersNamedByConnection() {
    assertThat(
            headers(
                rewriter(),
                "connection",
                "close, X-One",
                "x-one",
                "1",
                "X-Two",
                "2",
                "Connection",
                " ,x-TWO ,,",
                "X-Three",
                "3"))
        .containsExactly("Host: secondary:9009", "X-Three: 3", "X-Mirror: 1");
  }

  /** Otherwise a client could make the target store its samples for another tenant. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Scope-OrgID",
        "Content-Type",
        "Content-Encoding",
        "X-Prometheus-Remote-Write-Version",
        "User-Agent"
      })
  void keepsTenantAndContentHeadersNamedByConnection(String name) {
    assertThat(
            headers(
                rewriter(),
                "Connection",
                "x, " + name.toLowerCase(Locale.ROOT),
                name,
                "v",
                "X",
                "1"))
        .containsExactly("Host: secondary:9009", name + ": v", "X-Mirror: 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "h/x", "h\r\nX: y", "u@h", "h:x", "h\u20ac"})
  void invalidHostOfTheRequestIsReplacedByThatOfTheTarget(String host) {
    RequestRewriter keeps =
        new RequestRewriter(
            List.of(), false, MirrorTraceContext.DROP, Host.ofRequest(), false, null, NOTHING);
    assertThat(headers(keeps, "Host", host)).startsWith("Host: secondary:9009");
    assertThat(headers(keeps, "Host", "a", "Host", "b")).startsWith("Host: secondary:9009");
    assertThat(headers(keeps, "Host", "[::1]:80")).startsWith("Host: [::1]:80");
  }

  @Test
  void removesCredentialsFromQueryUnlessForwarded() {
    assertThat(target("", null, "/", "a=%zz&access_token=x&b")).isEqualTo("/?a=%zz&b");
    assertThat(target("", null, "/", "X-Amz-Signature=x")).isEqualTo("/");
    RequestRewriter forwards =
        new RequestRewriter(
            List.of(), true, MirrorTraceContext.DROP, Host.ofTarget(), false, null, NOTHING);
    HeadSnapshot head = new HeadSnapshot("GET", "", "/", "access_token=x", Headers.of());
    assertThat(forwards.pathAndQuery(head, TARGET)).isEqualTo("/?access_token=x");
  }

  @Test
  void outboundRequestShowsMethodAndPathOnly() {
    HeadSnapshot head = new HeadSnapshot("GET", "", "/a", "hush", Headers.of("X-A", "hush"));
    assertThat(copy(rewriter(), head, TARGET)).hasToString("GET /a");
  }

  /** Random heads: removes the hop-by-hop headers and keeps all others unchanged. */
  @Test
  void removesOnlyHopByHopHeadersOfRandomHeads() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<String> endToEnd = List.of("Accept", "X-A", "X-B", "x-a", "Content-Type", "Via");
    List<String> hopByHop =
        List.of("connection", "TE", "Keep-Alive", "transfer-encoding", "Expect");
    for (int i = 0; i < 3_000; i++) {
      List<String> fields = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      boolean namesB = random.nextBoolean();
      for (int j = random.nextInt(12); j > 0; j--) {
        if (random.nextInt(3) == 0) {
          fields.addAll(List.of(hopByHop.get(random.nextInt(hopByHop.size())), "x" + j));
        } else {
          String name = endToEnd.get(random.nextInt(endToEnd.size()));
          fields.addAll(List.of(name, "v" + j));
          if (!namesB || !name.equals("X-B")) {
            expected.add(name + ": v" + j);
          }
        }
      }
      if (namesB) {
        int at = 2 * random.nextInt(fields.size() / 2 + 1);
        fields.addAll(at, List.of("Connection", "x-b"));
      }
      List<String> got = headers(rewriter(), fields.toArray(String[]::new));
      assertThat(got.subList(1, got.size() - 1)).as("seed %s", seed).isEqualTo(expected);
    }
  }

  @Test
  void forwardsCredentialsIfConfigured() {
    RequestRewriter forwards =
        new RequestRewriter(
            List.of(), true, MirrorTraceContext.DROP, Host.ofTarget(), false, null, NOTHING);
    assertThat(headers(forwards, "Authorization", "a", "Cookie", "b", "TE", "c"))
        .containsExactly("Host: secondary:9009", "Authorization: a", "Cookie: b", "X-Mirror: 1");
  }

  @Test
  void replacesCredentials() {
    assertThat(headers(rewriter(Edit.set("authorization", "own")), "Authorization", "theirs"))
        .containsExactly("Host: secondary:9009", "authorization: own", "X-Mirror: 1");
    RequestRewriter forwards =
        new RequestRewriter(
            List.of(Edit.set("Authorization", "own")),
            true,
            MirrorTraceContext.DROP,
            Host.ofTarget(),
            false,
            null,
            NOTHING);
    assertThat(headers(forwards, "Authorization", "theirs", "AUTHORIZATION", "more"))
        .containsExactly("Host: secondary:9009", "Authorization: own", "X-Mirror: 1");
  }

  @Test
  void appliesEditsInOrder() {
    assertThat(
            headers(
                rewriter(
                    Edit.add("A", "added"),
                    Edit.set("B", "set"),
                    Edit.remove("c"),
                    Edit.add("C", "back"),
                    Edit.add("D", "gone"),
                    Edit.remove("D")),
                "A",
                "1",
                "b",
                "2",
                "C",
                "3",
                "B",
                "4",
                "E",
                "5"))
        .containsExactly(
            "Host: secondary:9009", "A: 1", "E: 5", "A: added", "B: set", "C: back", "X-Mirror: 1");
  }

  @Test
  void addsMarkerOnceWhateverTheEdits() {
    assertThat(
            headers(rewriter(Edit.set("x-mirror", "own"), Edit.add("X-Mirror", "more")), "A", "1"))
        .containsExactly("Host: secondary:9009", "A: 1", "X-Mirror: 1");
    assertThat(headers(rewriter(Edit.remove("X-Mirror")), "Connection", "X-Mirror"))
        .containsExactly("Host: secondary:9009", "X-Mirror: 1");
  }

  @Test
  void setsHostOfTargetOrRequestOrLiteral() {
    RequestRewriter keeps =
        new RequestRewriter(
            List.of(), false, MirrorTraceContext.DROP, Host.ofRequest(), false, null, NOTHING);
    RequestRewriter literal =
        new RequestRewriter(
            List.of(),
            false,
            MirrorTraceContext.DROP,
            Host.literal("other:1"),
            false,
            null,
            NOTHING);
    assertThat(headers(rewriter(), "A", "1", "host", "original"))
        .startsWith("Host: secondary:9009");
    assertThat(headers(keeps, "A", "1", "host", "original"))
        .containsExactly("Host: original", "A: 1", "X-Mirror: 1");
    assertThat(headers(keeps, "A", "1")).startsWith("Host: secondary:9009");
    assertThat(headers(literal, "Host", "original")).startsWith("Host: other:1");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, h, h, 80, ''",
    "http://h:80, h, h, 80, ''",
    "http://h:8080/, h, h:8080, 8080, ''",
    "https://h:443/, h, h, 443, ''",
    "https://h:80//, h, h:80, 80, ''",
    "HTTPS://H/Base/, H, H, 443, /Base",
    "http://[::1]:9/a%2Fb//, ::1, [::1]:9, 9, /a%2Fb"
  })
  void parsesTargetAddress(URI uri, String host, String authority, int port, String basePath) {
    TargetAddress address = TargetAddress.of(uri);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.authority()).isEqualTo(authority);
    assertThat(address.port()).isEqualTo(port);
    assertThat(address.basePath()).isEqualTo(basePath);
  }

  @Test
  void addsNoBasePathToAsterisk() {
    assertThat(target("/base", null, "*", null)).isEqualTo("*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "//a//b//",
        "/a%2Fb",
        "/a%2fb%zz%",
        "/a+b;c=d|e{f}[g]\"<>^`\\",
        "/../.%2e/",
        "/\u00e4\u00ff",
        "/:@!$&'()*,;="
      })
  void keepsPathAndQueryUnchanged(String raw) {
    assertThat(target("", null, raw, null)).isEqualTo(raw);
    assertThat(target("/", null, raw, "")).isEqualTo(raw + "?");
    assertThat(target("/base/", null, raw, raw + "?" + raw))
        .isEqualTo("/base" + raw + "?" + raw + "?" + raw);
  }

  @Test
  void rewriteReceivesTheRawPathAndKeepsTheQuery() {
    assertThat(target("/base", path -> path.replace("%2F", "%2f") + "/x", "/a%2F", "q=%2F"))
        .isEqualTo("/base/a%2f/x?q=%2F");
  }

  @Test
  void deniesPathAfterRewriteAndBasePath() {
    assertThat(target("", path -> "/ingester/shutdown", "/harmless", null)).isNull();
    assertThat(target("/ingester", null, "/shutdown", "q")).isNull();
    assertThat(target("/ingester/x", null, "/../shutdown", null)).isNull();
    assertThat(target("/ingester", null, "/other", null)).isEqualTo("/ingester/other");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/a b", "/a\tb", "/a\r\nHost: x", "/a\u0000", "/a\u007f", "/shutdown\u20ac"})
  void rejectsCharactersInvalidInARequestLine(String raw) {
    assertThatThrownBy(() -> target("", null, raw, null)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> target("", null, "/", raw)).isInstanceOf(IllegalStateException.class);
  }

  private static @Nullable String targetWithin(String contextPath, boolean keep, String path) {
    DenyList deny = new DenyList(List.of(DenyList.Endpoint.of("*", "/ingester/shutdown")));
    RequestRewriter rewriter =
        new RequestRewriter(
            List.of(),
            false,
            MirrorTraceContext.DROP,
            Host.ofTarget(),
            keep,
            rewritten -> rewritten + "/x",
            deny);
    OutboundRequest request =
        copy(
            rewriter,
            new HeadSnapshot("GET", contextPath, path, "q", Headers.of()),
            TargetAddress.of(URI.create("http://secondary/base")));
    return request == null ? null : request.path();
  }

  @Test
  void removesContextPathUnlessKept() {
    assertThat(targetWithin("/gw;v=1", false, "/a%2F")).isEqualTo("/base/a%2F/x?q");
    assertThat(targetWithin("/gw;v=1", true, "/a%2F")).isEqualTo("/base/gw;v=1/a%2F/x?q");
    assertThat(targetWithin("", true, "/a")).isEqualTo("/base/a/x?q");
  }

  @Test
  void rejectsKeptContextPathWithAQuery() {
    assertThatThrownBy(() -> targetWithin("/gw?x", true, "/a"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void checksKeptContextPathAgainstDeniedEndpoints() {
    assertThat(targetWithin("/ingester/shutdown/..", true, "/..")).isNull();
    assertThat(targetWithin("/ingester/shutdown/..", false, "/a")).isEqualTo("/base/a/x?q");
  }
}
