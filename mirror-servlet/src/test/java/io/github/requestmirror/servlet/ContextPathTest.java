package io.github.requestmirror.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContextPathTest {

  @ParameterizedTest
  @CsvSource(
      emptyValue = "",
      value = {
        "/api, '', ''",
        "/api, /, ''",
        "/gw/api, /gw, /gw",
        "/gw, /gw, /gw",
        "/gw/, /gw, /gw",
        "/gwx/api, /gw, ''",
        "/GW/api, /gw, ''",
        "/gw/edge/api, /gw/edge, /gw/edge",
        "/gw//edge/api, /gw/edge, /gw//edge",
        "//gw/edge/api, /gw/edge, //gw/edge",
        "/./gw/%2E/edge/api, /gw/edge, /./gw/%2E/edge",
        "/g%77/api, /gw, /g%77",
        "/gw;v=1/api, /gw, /gw;v=1",
        "/gw;v=1, /gw, /gw;v=1",
        "/gw/api, /g%77, /gw",
        "/a+b/api, /a%2Bb, /a+b",
        "/a%20b/api, /a b, /a%20b",
        "/g%/api, /gw, ''",
        "/x/../gw/api, /gw, ''",
        "/gw/../api, /gw, /gw",
        "/gw, /gw/edge, ''",
        "*, /gw, ''"
      })
  void findsTheContextPath(String uri, String contextPath, String found) {
    assertThat(uri.substring(0, ContextPath.lengthIn(uri, contextPath))).isEqualTo(found);
  }
}
