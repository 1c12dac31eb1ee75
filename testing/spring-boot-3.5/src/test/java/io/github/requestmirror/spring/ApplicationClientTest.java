package io.github.requestmirror.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.TestTarget;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/**
 * The HTTP client of an application depends on what is on its class path. The starter adds
 * HttpCore, but not HttpClient, so it does not change the choice. Runs with Spring Boot 3.5 and
 * 4.1.
 */
class ApplicationClientTest {
  private static final String CLIENT_OF_THE_JDK = "Java-http-client/";

  @Test
  void springBootChoosesTheClientOfTheJdk_withTheMirrorOnTheClassPath() {
    assertThat(MirrorFilter.class).isPublic();
    ClientHttpRequestFactory detected = ClientHttpRequestFactoryBuilder.detect().build();
    assertThat(detected).isInstanceOf(JdkClientHttpRequestFactory.class);
    assertThat(userAgent(RestClient.builder().requestFactory(detected).build()))
        .startsWith(CLIENT_OF_THE_JDK);
  }

  @Test
  void springChoosesTheClientOfTheJdk_withTheMirrorOnTheClassPath() {
    assertThat(userAgent(RestClient.create())).startsWith(CLIENT_OF_THE_JDK);
  }

  private static String userAgent(RestClient client) {
    try (TestTarget server = new TestTarget()) {
      client.get().uri(server.uri()).retrieve().toBodilessEntity();
      return server.requests().get(0).header("User-Agent");
    }
  }
}
