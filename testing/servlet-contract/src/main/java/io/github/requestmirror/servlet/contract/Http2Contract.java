package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.Conservation;
import io.github.requestmirror.testing.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.StreamChannel;
import org.apache.hc.core5.http.nio.entity.AbstractBinAsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.DigestingEntityProducer;
import org.apache.hc.core5.http.nio.support.AsyncRequestBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2, where no header tells whether a request has a body. */
abstract class Http2Contract extends ServletContract {
  private static final byte[] BODY = bytes(50_000);
  private static final byte[] LITTLE = bytes(1000);

  private final CloseableHttpAsyncClient client = http2();

  Http2Contract(Container container) {
    super(container);
  }

  private static CloseableHttpAsyncClient http2() {
    return HttpAsyncClients.customHttp2().disableAutomaticRetries().build();
  }

  @BeforeAll
  void startClient() {
    client.start();
  }

  @AfterAll
  void stopClient() throws IOException {
    client.close();
  }

  private static Future<SimpleHttpResponse> send(
      CloseableHttpAsyncClient client, int port, AsyncRequestBuilder request) {
    request.setUri(URI.create("http://127.0.0.1:" + port + "/push"));
    return client.execute(request.build(), SimpleResponseConsumer.create(), null);
  }

  /** Returns everything a client sees of the response. */
  private String exchange(int port, AsyncRequestBuilder request) throws Exception {
    SimpleHttpResponse response = send(client, port, request).get(20, TimeUnit.SECONDS);
    List<String> seen = new ArrayList<>();
    seen.add(response.getVersion() + " " + response.getCode());
    for (Header header : response.getHeaders()) {
      if (!header.getName().equalsIgnoreCase("date")) {
        seen.add(header.getName() + ": " + header.getValue());
      }
    }
    byte[] body = response.getBodyBytes();
    seen.add(body == null ? "" : new String(body, StandardCharsets.ISO_8859_1));
    return String.join("\n", seen).replace(":" + port, ":port");
  }

  /** Creates the same request each time it is sent. */
  private interface Request {
    AsyncRequestBuilder make();
  }

  private String checkHttp2(App app, Request request) throws Exception {
    application(app);
    String without = exchange(plainPort(), request.make());
    String with = exchange(mirroredPort(), request.make());
    assertThat(with).as("the client's view with the filter").isEqualTo(without);
    assertThat(with).startsWith("HTTP/2.0 ");
    Conservation.awaitSettled(mirror());
    return with;
  }

  /** The client does not declare a length by default. */
  private static AsyncRequestBuilder declaring(int length, AsyncEntityProducer body) {
    AsyncRequestBuilder request = AsyncRequestBuilder.post().setEntity(body);
    return length < 0 ? request : request.setHeader("Content-Length", "" + length);
  }

  private static AsyncEntityProducer body(byte[] body) {
    return new BasicAsyncEntityProducer(body, ContentType.APPLICATION_OCTET_STREAM, true);
  }

  private static Request post(byte[] body, boolean declared) {
    return () -> declaring(declared ? body.length : -1, body(body));
  }

  private static final App READING =
      (request, response) -> respond(response, request.getInputStream().readAllBytes());

  @ParameterizedTest
  @CsvSource({"GET, true", "GET, false", "HEAD, true", "DELETE, false", "POST, true"})
  void requestWithoutBodyIsCopied(String method, boolean read) throws Exception {
    checkHttp2(
        (request, response) ->
            respond(
                response,
                request.getMethod() + (read ? request.getInputStream().readAllBytes().length : "")),
        () -> AsyncRequestBuilder.create(method));
    assertThat(assertCopied(EMPTY).method()).isEqualTo(method);
  }

  @ParameterizedTest
  @EnumSource
  void bodyIsCopied(BodyContract.Reading reading) throws Exception {
    String view =
        checkHttp2(
            (request, response) -> {
              assertThat(request.getContentLength()).isEqualTo(BODY.length);
              respond(response, reading.read(request));
            },
            post(BODY, true));
    assertThat(view).contains("50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @EnumSource
  void bodyOfNoDeclaredLengthIsCopied(BodyContract.Reading reading) throws Exception {
    String view =
        checkHttp2(
            (request, response) -> {
              assertThat(request.getContentLength()).isEqualTo(-1);
              respond(response, reading.read(request));
            },
            post(BODY, false));
    assertThat(view).contains("50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyReadWithoutBlockingIsCopied(boolean declared) throws Exception {
    String view =
        checkHttp2(NonBlockingContract.Listener.app(1000, new AtomicLong()), post(BODY, declared));
    assertThat(view).contains("50000 bytes");
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyReadAfterADispatchIsCopied(boolean declared) throws Exception {
    checkHttp2(
        (request, response) -> {
          if (AsyncContract.isAgain(request)) {
            READING.handle(request, response);
          } else {
            request.startAsync().dispatch();
          }
        },
        post(BODY, declared));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyThatIsNotReadIsNotCopied(boolean declared) throws Exception {
    checkHttp2((request, response) -> respond(response, "no, thanks"), post(bytes(100), declared));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void errorIsTheSame() throws Exception {
    mirror(limits -> limits, policy -> policy.whenPrimaryResponds(2));
    String view =
        checkHttp2(
            (request, response) -> {
              request.getInputStream().readAllBytes();
              response.sendError(503);
            },
            post(BODY, true));
    assertThat(view).startsWith("HTTP/2.0 503");
    assertNotCopied(Outcome.PRIMARY_STATUS);
  }

  @Test
  void trailersAreNoPartOfTheCopy() throws Exception {
    checkHttp2(
        READING,
        () -> AsyncRequestBuilder.post().setEntity(new DigestingEntityProducer("MD5", body(BODY))));
    assertCopied(BODY);
  }

  /** A body that stops half-way. */
  private static final class Unfinished extends AbstractBinAsyncEntityProducer {
    private boolean sent;

    Unfinished() {
      super(0, ContentType.APPLICATION_OCTET_STREAM);
    }

    @Override
    protected int availableData() {
      return sent ? 0 : 1000;
    }

    @Override
    protected void produceData(StreamChannel<ByteBuffer> channel) throws IOException {
      if (!sent) {
        sent = channel.write(ByteBuffer.wrap(bytes(1000))) > 0;
      }
    }

    @Override
    public boolean isRepeatable() {
      return false;
    }

    @Override
    public void failed(Exception cause) {}
  }

  /**
   * In Undertow a broken connection may look like the end of a body without a declared length, so
   * neither the application nor the mirror can detect it.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyAbortedByTheClientIsCopiedOnlyIfItLooksComplete(boolean declared) throws Exception {
    AtomicLong read = new AtomicLong();
    CountDownLatch looksComplete = new CountDownLatch(1);
    application(
        (request, response) -> {
          while (request.getInputStream().read() >= 0) {
            read.incrementAndGet();
          }
          looksComplete.countDown();
        });
    try (CloseableHttpAsyncClient ending = http2()) {
      ending.start();
      Future<SimpleHttpResponse> underway =
          send(ending, mirroredPort(), declaring(declared ? 5000 : -1, new Unfinished()));
      await().until(() -> read.get() == 1000);
      assertThat(underway.isDone()).isFalse();
      ending.close(CloseMode.IMMEDIATE);
    }
    Conservation.awaitSettled(mirror());
    if (looksComplete.getCount() == 0 && !declared) {
      assertCopied(bytes(1000));
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }

  /** A client that upgrades from HTTP/1.1 (h2c). */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void upgradeToHttp2IsCopied(boolean withBody) throws Exception {
    application(READING);
    String without = upgraded(plainPort(), withBody);
    String with = upgraded(mirroredPort(), withBody);
    assertThat(with).isEqualTo(without);
    Conservation.awaitSettled(mirror());
    HttpMessage copy = assertCopied(withBody ? LITTLE : EMPTY);
    assertThat(copy.headers("Upgrade")).isEmpty();
    assertThat(copy.headers("HTTP2-Settings")).isEmpty();
  }

  /** The body is small, because Tomcat limits the bodies of upgrade requests. */
  private static String upgraded(int port, boolean withBody) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port));
    if (withBody) {
      request.POST(HttpRequest.BodyPublishers.ofByteArray(LITTLE));
    }
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    return response.version() + " " + response.statusCode() + " " + response.body();
  }
}
