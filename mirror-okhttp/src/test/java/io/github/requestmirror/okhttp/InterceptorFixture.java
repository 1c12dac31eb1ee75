package io.github.requestmirror.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorStats;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.TestTarget;
import io.github.requestmirror.testing.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A target, a mirror, and calls that are made without and with the interceptor. */
abstract class InterceptorFixture {
  static final MediaType PROTOBUF = MediaType.get("application/x-protobuf");

  @RegisterExtension final Conservation conservation = new Conservation();
  final TestTarget target = new TestTarget();
  private final List<OkHttpClient> clients = new ArrayList<>();
  private @Nullable Mirror mirror;

  /** Starts the mirror with other limits and policy than the defaults. */
  final Mirror mirror(
      UnaryOperator<MirrorTarget.Builder> limits, UnaryOperator<MirrorPolicy.Builder> policy) {
    mirror =
        conservation.watch(
            Mirror.start(
                limits.apply(MirrorTarget.builder(target.uri()).name("test")).build(),
                policy.apply(MirrorPolicy.builder()).build()));
    return mirror;
  }

  final Mirror mirror() {
    return mirror == null ? mirror(limits -> limits, policy -> policy) : mirror;
  }

  final MirrorStats.Target stats() {
    return mirror().stats().targets().get(0);
  }

  /** Waits for all copies and asserts that there are no other outcomes. */
  final void assertOutcomes(Outcome... expected) {
    Conservation.awaitSettled(mirror());
    List<Outcome> outcomes = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      for (long i = 0; i < stats().count(outcome); i++) {
        outcomes.add(outcome);
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrder(expected);
  }

  final void assertCopies(byte[]... bodies) {
    Conservation.awaitSettled(mirror());
    assertThat(target.requests()).extracting(HttpMessage::body).containsExactly(bodies);
  }

  /** A client whose threads and connections end with the test. */
  final OkHttpClient client(UnaryOperator<OkHttpClient.Builder> setup) {
    OkHttpClient client =
        setup
            .apply(
                new OkHttpClient.Builder()
                    .socketFactory(new NoDelaySockets())
                    .readTimeout(Duration.ofSeconds(20))
                    .writeTimeout(Duration.ofSeconds(20)))
            .build();
    clients.add(client);
    return client;
  }

  final OkHttpClient mirrored(UnaryOperator<OkHttpClient.Builder> setup) {
    return client(builder -> setup.apply(builder).addInterceptor(new MirrorInterceptor(mirror())));
  }

  final OkHttpClient mirrored() {
    return mirrored(builder -> builder);
  }

  @AfterEach
  void end() {
    for (OkHttpClient client : clients) {
      client.dispatcher().cancelAll();
      client.dispatcher().executorService().shutdownNow();
      client.connectionPool().evictAll();
    }
    target.close();
  }

  /**
   * Makes the same call without and with the interceptor, each with a new client and a new primary,
   * and asserts that the caller and the primary see the same.
   *
   * @param primary prepares a primary
   * @param setup configures the client
   * @param request creates the request for the primary's URL
   * @return what the caller sees
   */
  final Observed same(
      Supplier<TestTarget> primary,
      UnaryOperator<OkHttpClient.Builder> setup,
      Function<HttpUrl, Request> request) {
    List<String> without = new ArrayList<>();
    Observed expected = observe(primary, client(setup), request, without);
    List<String> with = new ArrayList<>();
    Observed actual = observe(primary, mirrored(setup), request, with);
    assertThat(actual).isEqualTo(expected);
    assertThat(with).as("requests at the primary").isEqualTo(without);
    return actual;
  }

  final Observed same(Supplier<TestTarget> primary, Supplier<RequestBody> body) {
    return same(
        primary, setup -> setup, url -> new Request.Builder().url(url).post(body.get()).build());
  }

  private static Observed observe(
      Supplier<TestTarget> start,
      OkHttpClient client,
      Function<HttpUrl, Request> request,
      List<String> wire) {
    try (TestTarget primary = start.get()) {
      Observed observed = Observed.of(client, request.apply(url(primary)));
      if (observed.request().isEmpty()) {
        // Without a response the primary may not have recorded the request yet.
        return observed;
      }
      for (HttpMessage message : primary.requests()) {
        wire.add(
            message.headText().replaceAll("(?m)^Host: .*$", "Host:")
                + Arrays.hashCode(message.body()));
      }
      return observed;
    }
  }

  static HttpUrl url(TestTarget server) {
    return HttpUrl.get(server.uri()).resolve("/api/v1/push");
  }

  /** Returns a primary with the given behaviour. */
  static Supplier<TestTarget> primary(Callable<TestTarget.Behaviour> behaviour) {
    return () -> {
      try {
        return new TestTarget().behave(behaviour.call());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    };
  }

  static final Supplier<TestTarget> WELL = primary(() -> TestTarget.respond(200, "stored"));

  static byte[] bytes(int length) {
    return Wire.bytes(length, length);
  }

  static Request post(HttpUrl url, byte[] body) {
    return new Request.Builder().url(url).post(RequestBody.create(body, PROTOBUF)).build();
  }

  /** Writes a body. */
  interface Writing {
    void writeTo(BufferedSink sink) throws IOException;
  }

  /** Returns a body; a length of -1 is unknown. */
  static RequestBody body(long length, Writing writing) {
    return body(length, false, writing);
  }

  static RequestBody body(long length, boolean oneShot, Writing writing) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return PROTOBUF;
      }

      @Override
      public long contentLength() {
        return length;
      }

      @Override
      public boolean isOneShot() {
        return oneShot;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writing.writeTo(sink);
      }
    };
  }
}
