package io.github.requestmirror.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What settings in the form of text do to a copy. */
class SettingsOnTheWireTest {
  @RegisterExtension final Conservation conservation = new Conservation();

  private final TestTarget target = new TestTarget();

  @AfterEach
  void close() {
    target.close();
  }

  private HttpMessage copyOf(String path, String... namesAndValues) {
    return copyOf(path, new String[0], namesAndValues);
  }

  private HttpMessage copyOf(String path, String[] headers, String... namesAndValues) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("target", target.uri().toString());
    values.put("match", "all");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    Mirror mirror = conservation.watch(MirrorSettings.parse(values).toMirror().start());
    Wire.get(mirror, path, headers);
    Conservation.awaitSettled(mirror);
    assertThat(target.requests()).hasSize(1);
    return target.requests().get(0);
  }

  @Test
  void bearerToken() {
    assertThat(copyOf("/", "bearerToken", "abc").header("Authorization")).isEqualTo("Bearer abc");
  }

  @Test
  void bearerTokenOfFile_withoutItsLineBreak(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("token"), "abc\n");
    assertThat(copyOf("/", "bearerTokenFile", file.toString()).header("Authorization"))
        .isEqualTo("Bearer abc");
  }

  /** The example of RFC 7617 2.1, with a charset of UTF-8. */
  @Test
  void basicAuth() {
    assertThat(copyOf("/", "basicAuth", "test:123\u00a3").header("Authorization"))
        .isEqualTo("Basic dGVzdDoxMjPCow==");
  }

  @Test
  void basicAuthOfFile(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("login"), "test:123\u00a3\n");
    assertThat(copyOf("/", "basicAuthFile", file.toString()).header("Authorization"))
        .isEqualTo("Basic dGVzdDoxMjPCow==");
  }

  @Test
  void headersAreEditedAndMarked() {
    HttpMessage copy =
        copyOf("/", "setHeader", "X-A: 1\nX-B: 2", "addHeader", "X-A: 3", "markerHeader", "X-Copy");
    assertThat(copy.headers("X-A")).containsExactly("1", "3");
    assertThat(copy.headers("X-B")).containsExactly("2");
    assertThat(copy.headers("X-Copy")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"drop, ", "unsampled, 00-@-b7ad6b7169203331-00", "keep, 00-@-b7ad6b7169203331-01"})
  void traceContextIsSentAsSet(String setting, String sent) {
    String id = "0af7651916cd43dd8448eb211c80319c";
    String[] headers = {"traceparent", "00-" + id + "-b7ad6b7169203331-01"};
    assertThat(copyOf("/", headers, "traceContext", setting).header("traceparent"))
        .isEqualTo(sent == null ? null : sent.replace("@", id));
  }

  @ParameterizedTest
  @CsvSource({
    "/api/prom, /prometheus, /api/prom/push, /prometheus/push",
    "/api/prom/, /prometheus/, /api/prom/push, /prometheus/push",
    "/api/prom, /prometheus, /api/prom, /prometheus",
    "/api/prom, /prometheus, /api/prometheus/push, /api/prometheus/push",
    "/api/prom, /prometheus, /other, /other",
    "/api/prom, /, /api/prom/push, /push",
    "/api/prom, /, /api/prom, /",
    "/, /prometheus, /push, /prometheus/push",
  })
  void pathPrefixIsReplaced(String old, String replacement, String path, String sent) {
    assertThat(copyOf(path, "replacePathPrefix", old + " " + replacement).requestTarget())
        .isEqualTo(sent);
  }
}
