package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.requestmirror.testing.Conservation;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorSettingsTest {
  @RegisterExtension final Conservation conservation = new Conservation();

  private static final MirrorTarget TARGET =
      MirrorTarget.builder(URI.create("http://127.0.0.1:1")).name("secondary").build();
  private static final MirrorPolicy POLICY = MirrorPolicy.builder().build();

  @Test
  void rejectsMirrorWithoutTarget() {
    assertThatThrownBy(() -> Mirror.builder().start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target is missing");
  }

  @Test
  void rejectsTwoTargetsWithOneName() {
    Mirror.Builder builder = Mirror.builder().target(TARGET, POLICY);
    assertThatThrownBy(() -> builder.target(TARGET, POLICY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target name 'secondary' is taken");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X Y", "X:", "Höst", "Host", "content-length", "Connection"})
  void rejectsInvalidMarker(String marker) {
    assertThatThrownBy(() -> Mirror.builder().markerHeader(marker))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("markerHeader '" + marker + "' ");
  }

  @Test
  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  void rejectsNullAndNamesTheParameter() {
    Mirror.Builder builder = Mirror.builder();
    assertThatThrownBy(() -> builder.target(null, POLICY)).hasMessage("target");
    assertThatThrownBy(() -> builder.target(TARGET, null)).hasMessage("policy");
    assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener");
    assertThatThrownBy(() -> builder.markerHeader(null)).hasMessage("markerHeader");
    assertThatThrownBy(() -> Mirror.start(null, POLICY)).hasMessage("target");
    assertThatThrownBy(() -> Mirror.start(TARGET, null)).hasMessage("policy");
  }

  @Test
  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  void rejectsUnknownTargetAndNamesIt() {
    Mirror mirror = conservation.watch(Mirror.start(TARGET, POLICY));
    assertThatThrownBy(() -> mirror.policy("x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("target 'x' is unknown, must be one of [secondary]");
    assertThatThrownBy(() -> mirror.replacePolicy("x", POLICY)).hasMessageContaining("'x'");
    assertThatThrownBy(() -> mirror.stats().target("x")).hasMessageContaining("'x'");
    assertThatThrownBy(() -> mirror.replacePolicy("secondary", null)).hasMessage("policy");
    assertThatThrownBy(() -> mirror.policy(null)).hasMessage("target");
    assertThat(mirror.policy("secondary")).isSameAs(POLICY);
  }
}
