package io.github.requestmirror.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.core.env.MapPropertySource;

/** Which properties the actuator shows without their values. */
class SecretPropertiesTest {

  private static @Nullable Object shown(String key) {
    return new SecretProperties()
        .apply(new SanitizableData(new MapPropertySource("file", Map.of()), key, "value"))
        .getValue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requestmirror.bearer-token",
        "requestmirror.bearerToken",
        "requestmirror.targets.a.bearer_token",
        "requestmirror.targets[eu.west].basic-auth",
        "requestmirror.targets.a.set-header[0]",
        "requestmirror.targets.a.add-header[12]",
        "requestmirror.targets.marker.header",
        "REQUESTMIRROR_TARGETS_A_BEARERTOKEN",
        "REQUESTMIRROR_TARGETS_A_BASIC_AUTH",
        "REQUESTMIRROR_SETHEADER_0",
        "REQUESTMIRROR_SETHEADER_0_"
      })
  void secret_isMasked(String key) {
    assertThat(shown(key)).isEqualTo(SanitizableData.SANITIZED_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "requestmirror.targets.a.url",
        "requestmirror.bearer-token-file",
        "requestmirror.basic-auth-file",
        "requestmirror.enabled",
        "example.bearer-token"
      })
  void otherProperty_isShown(String key) {
    assertThat(shown(key)).isEqualTo("value");
  }
}
