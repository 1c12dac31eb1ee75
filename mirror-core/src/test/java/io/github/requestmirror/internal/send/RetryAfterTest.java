package io.github.requestmirror.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {

  private static Duration retryAfter(int status, String... headers) {
    BasicHttpResponse response = new BasicHttpResponse(status);
    for (int i = 0; i < headers.length; i += 2) {
      response.addHeader(headers[i], headers[i + 1]);
    }
    return RetryAfter.of(response);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "7, 7",
    "' 120 ', 120",
    "999999999, 999999999",
    "1234567890, 0",
    "-1, 0",
    "1.5, 0",
    "soon, 0",
    "'', 0"
  })
  void retryAfterInSeconds(String value, long seconds) {
    assertThat(retryAfter(503, "Retry-After", value)).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(retryAfter(429, "retry-after", value)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "'Fri, 31 Dec 1999 23:59:59 GMT', 'Fri, 31 Dec 1999 23:59:29 GMT', 30",
    "'Friday, 31-Dec-99 23:59:59 GMT', 'Fri Dec 31 23:59:59 1999', 0",
    "'Fri, 31 Dec 1999 23:59:29 GMT', 'Fri, 31 Dec 1999 23:59:59 GMT', 0"
  })
  void retryAfterDateIsRelativeToTheTargetsClock(String then, String now, long seconds) {
    assertThat(retryAfter(503, "Date", now, "Retry-After", then))
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void retryAfterDateWithoutDateHeaderIsRelativeToLocalClock() {
    assertThat(retryAfter(503, "Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"))
        .isGreaterThan(Duration.ofDays(365));
    assertThat(retryAfter(503, "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")).isZero();
  }

  @Test
  void retryAfterIsZeroWithoutHeader() {
    assertThat(retryAfter(503)).isZero();
  }
}
