package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.HttpMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a token, the admin port requires it for changes, and for nothing else. */
class AdminTokenTest extends GatewayInProcess {
  @TempDir private Path dir;

  @Override
  List<String> options() {
    try {
      return List.of("--admin-token-file=" + Files.writeString(dir.resolve("token"), "secret\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void changesNeedTheToken() throws Exception {
    HttpMessage refused = admin("PUT /enabled", "false");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(text(refused)).doesNotContain("secret");
    assertThat(admin("PUT /enabled", "false", "Authorization: Bearer other").status())
        .isEqualTo(401);
    assertThat(gateway.mirror().enabled()).isTrue();

    assertThat(admin("PUT /enabled", "false", "Authorization: Bearer secret").status())
        .isEqualTo(200);
    assertThat(gateway.mirror().enabled()).isFalse();
    assertThat(admin("GET /enabled", "").status()).isEqualTo(200);
    assertThat(admin("GET /metrics", "").status()).isEqualTo(200);
  }
}
