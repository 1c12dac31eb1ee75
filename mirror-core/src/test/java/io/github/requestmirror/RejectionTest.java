package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.LogGuard;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What statistics, events and log show of a response that rejects a copy. */
class RejectionTest {
  @RegisterExtension final Conservation conservation = new Conservation();
  @RegisterExtension final LogGuard log = new LogGuard();
  private final TestTarget server = new TestTarget();
  private final List<MirrorListener.Event> events = new CopyOnWriteArrayList<>();

  @AfterEach
  void closeServer() {
    server.close();
  }

  private Mirror start(MirrorPolicy policy) {
    return conservation.watch(
        Mirror.builder()
            .target(MirrorTarget.builder(server.uri()).name("secondary").build(), policy)
            .listener(events::add)
            .start());
  }

  private static MirrorStats.@Nullable Rejection lastRejection(Mirror mirror) {
    return mirror.stats().target("secondary").lastRejection();
  }

  /** Sends a request and returns everything that shows the response. */
  private List<String> shown(Mirror mirror, String path, String... headers) {
    Wire.post(mirror, path, new byte[5], headers);
    Conservation.awaitSettled(mirror);
    await().until(() -> !events.isEmpty() && !log.warnings().isEmpty());
    MirrorStats.Rejection rejection = lastRejection(mirror);
    assertThat(rejection).isNotNull();
    List<String> shown = new ArrayList<>(log.warnings());
    shown.add(rejection.text());
    shown.add("" + events.get(0).responseText());
    return shown;
  }

  private void echo(Function<HttpMessage, String> text) {
    server.behave(
        (request, out) -> TestTarget.respond(401, text.apply(request)).handle(request, out));
  }

  @Test
  void textIsShownInStatisticsEventAndLog() {
    server.behave(TestTarget.respond(422, "out of order sample"));
    Instant before = Instant.now();
    Mirror mirror = start(MirrorPolicy.builder().build());
    assertThat(lastRejection(mirror)).isNull();
    List<String> shown = shown(mirror, "/push");
    MirrorStats.Rejection rejection = lastRejection(mirror);
    assertThat(rejection).isNotNull();
    assertThat(rejection.status()).isEqualTo(422);
    assertThat(rejection.time()).isBetween(before, Instant.now());
    assertThat(rejection.text()).isEqualTo("out of order sample");
    assertThat(events.get(0).responseText()).isEqualTo("out of order sample");
    assertThat(shown).allMatch(text -> text.contains("out of order sample"));
    assertThat(log.warnings().get(0)).endsWith("status 422: out of order sample");
  }

  @Test
  void rejectionWithoutABodyHasAnEmptyText() {
    server.behave(TestTarget.status(404));
    Mirror mirror = start(MirrorPolicy.builder().build());
    shown(mirror, "/push");
    assertThat(lastRejection(mirror)).extracting("status", "text").containsExactly(404, "");
    assertThat(log.warnings().get(0)).endsWith("status 404");
  }

  @Test
  void acceptedCopyHasNoText() {
    Mirror mirror = start(MirrorPolicy.builder().build());
    Wire.get(mirror, "/");
    await().until(() -> !events.isEmpty());
    assertThat(events.get(0).responseText()).isNull();
    assertThat(lastRejection(mirror)).isNull();
  }

  @Test
  void textOfManyRejectionsIsKeptOnceForEachStatus() {
    server.behave(TestTarget.respond(400, "out of order"));
    Mirror mirror = start(MirrorPolicy.builder().build());
    shown(mirror, "/first");
    for (int i = 0; i < 50; i++) {
      Wire.get(mirror, "/more");
    }
    Conservation.awaitSettled(mirror);
    server.behave(TestTarget.respond(409, "duplicate"));
    Wire.get(mirror, "/last");
    await().until(() -> events.size() == 52);
    // The second one is for the log line, which may have been written in between.
    assertThat(events.stream().map(MirrorListener.Event::responseText))
        .filteredOn("out of order"::equals)
        .hasSizeBetween(1, 3);
    assertThat(events.get(51).responseText()).isEqualTo("duplicate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\n2026-11-28 ERROR forged",
        "a\u0085ERROR forged",
        "a\u2028ERROR forged",
        "a\u001b[2Kforged",
        "a\u202eforged",
        "a\tb\u0000c"
      })
  void textIsOneLineOfVisibleCharacters(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    server.behave(
        (request, out) -> {
          String head = "HTTP/1.1 400 no\r\nContent-Length: " + bytes.length + "\r\n\r\n";
          out.write(head.getBytes(StandardCharsets.US_ASCII));
          out.write(bytes);
          out.flush();
        });
    Mirror mirror = start(MirrorPolicy.builder().build());
    assertThat(shown(mirror, "/push"))
        .allMatch(text -> text.contains("a "))
        .noneMatch(
            text -> text.codePoints().anyMatch(c -> Character.getType(c) == Character.CONTROL))
        .noneMatch(text -> text.matches("(?s).*[\\u2028\\u2029\\p{Cf}].*"));
  }

  @Test
  void textIsBounded() {
    server.behave(TestTarget.respond(400, "x".repeat(100_000)));
    Mirror mirror = start(MirrorPolicy.builder().build());
    shown(mirror, "/push");
    assertThat(lastRejection(mirror)).extracting("text").isEqualTo("x".repeat(197) + "...");
  }

  @Test
  void echoOfThePolicysTokenIsMasked() {
    echo(request -> "not valid: " + request.header("Authorization"));
    Mirror mirror =
        start(MirrorPolicy.builder().setHeader("Authorization", "Bearer hush-hush-hush").build());
    assertThat(shown(mirror, "/push"))
        .allMatch(text -> text.contains("not valid: Bearer ***"))
        .noneMatch(text -> text.contains("hush"));
  }

  @Test
  void echoOfTheWholeHeadIsMasked() {
    echo(HttpMessage::headText);
    Mirror mirror =
        start(
            MirrorPolicy.builder()
                .forwardCredentials(true)
                .setHeader("X-Own", "hush-hush-own")
                .build());
    List<String> shown =
        shown(
            mirror,
            "/push;session=hush-hush-1?access_token=hush-hush-2",
            "Cookie",
            "sid=hush-hush-3",
            "X-Api-Key",
            "hush-hush-4");
    assertThat(server.requests().get(0).headText()).contains("hush-hush-4", "hush-hush-own");
    assertThat(shown).allMatch(text -> text.contains("POST")).noneMatch(t -> t.contains("hush"));
  }

  /** Its end is not shown: the part that was received is too short to be recognized. */
  @ParameterizedTest
  @ValueSource(ints = {245, 250, 251, 253, 255})
  void echoAtTheEndOfWhatIsReadIsNotShown(int start) {
    echo(request -> "x" + " ".repeat(start - 1) + request.header("X-Own"));
    Mirror mirror = start(MirrorPolicy.builder().setHeader("X-Own", "hush-hush-own").build());
    assertThat(shown(mirror, "/push")).noneMatch(text -> text.contains(" h"));
  }
}
