package io.github.requestmirror.internal.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Headers;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EndEventTest {
  @Test
  void textOmitsQueryHeaderValuesAndMessageOfTheCause() {
    RequestHead head = RequestHead.of("GET", "/path", "hush", Headers.of("X-A", "hush"));
    assertThat(
            new EndEvent(
                "secondary",
                head,
                Outcome.IO_ERROR,
                0,
                new IOException("hush"),
                3,
                Duration.ofMillis(20),
                null))
        .hasToString(
            "event{target=secondary, request=GET /path, outcome=IO_ERROR, status=0,"
                + " cause=java.io.IOException, bodyBytes=3, elapsed=PT0.02S}");
  }
}
