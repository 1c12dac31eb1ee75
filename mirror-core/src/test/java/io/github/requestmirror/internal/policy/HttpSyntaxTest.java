package io.github.requestmirror.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSyntaxTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "h",
        "h:1",
        "h:",
        "a-b.example.com:9009",
        "under_score",
        "127.0.0.1:80",
        "[::1]",
        "[::ffff:1.2.3.4]:1",
        "a%2Fb",
        "a!$&'()*+,;=~b"
      })
  void hostIsValid(String text) {
    assertThat(HttpSyntax.isHost(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":1",
        "h:1:2",
        "h:x",
        "h:-1",
        "h:\u0661",
        "h/x",
        "h?x",
        "h#x",
        "u@h",
        "h h",
        "h\t",
        "h\r\nX: y",
        "h\\x",
        "h\u0000",
        "h\u007f",
        "\u00e4",
        "\u20ac",
        "a%",
        "a%2",
        "a%2g",
        "::1",
        "[",
        "[]",
        "[::1",
        "[::1]x",
        "[::1]:x",
        "[h]",
        "a,b c"
      })
  void hostIsInvalid(String text) {
    assertThat(HttpSyntax.isHost(text)).isFalse();
  }
}
