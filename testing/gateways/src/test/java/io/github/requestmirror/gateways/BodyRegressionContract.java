package io.github.requestmirror.gateways;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RawClient;
import io.github.requestmirror.testing.Wire;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What mirrors of other kinds do to the bodies of requests, and this one must not. */
abstract class BodyRegressionContract extends RegressionHarness {
  private static final byte[] FORM = "name=a+b%26&name=c&empty=&u=%C3%A4".getBytes(US_ASCII);
  private static final String FORM_TYPE =
      "Content-Type: application/x-www-form-urlencoded; charset=utf-8";

  BodyRegressionContract(Server server) {
    super(server);
  }

  /** Wrong where the body goes through text. */
  @Test
  void binaryBodySurvives() throws Exception {
    application(RegressionHarness::store);
    byte[] body = new byte[512];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (255 - i);
    }
    post("/push", body, "Content-Type: text/plain; charset=utf-8");
    assertThat(copy().body()).isEqualTo(body);
  }

  /** Wrong where the headers of the request are copied whatever the copy's body is. */
  @Test
  void copyHasItsOwnContentLength() throws Exception {
    application(RegressionHarness::store);
    postChunked("/push", new byte[3000]);
    assertThat(copy().headers("Content-Length")).containsExactly("3000");
    assertThat(copy().headers("Transfer-Encoding")).isEmpty();
    assertThat(copy().body()).hasSize(3000);
  }

  /** Wrong where -1 is taken for the size of an array, or for a body that is not there. */
  @Test
  void getContentLengthMinusOneDoesNoHarm() throws Exception {
    application(
        (request, response) ->
            respond(
                response,
                request.getContentLengthLong()
                    + " "
                    + request.getInputStream().readAllBytes().length));
    assertThat(text(postChunked("/push", new byte[70_000]))).isEqualTo("-1 70000");
    assertThat(copy().body()).hasSize(70_000);
  }

  /** Wrong where the mirror reads the body, so that the container finds no form in it. */
  @Test
  void formParametersAreNotLost() throws Exception {
    application(
        (request, response) ->
            respond(
                response,
                String.join("|", request.getParameterValues("name"))
                    + "|"
                    + new TreeSet<>(Collections.list(request.getParameterNames()))));
    HttpMessage response = post("/form?page=1", FORM, FORM_TYPE);
    assertThat(text(response)).isEqualTo("a b&|c|[empty, name, page, u]");
    assertThat(Forms.parse(copy().body())).isEqualTo(Forms.parse(FORM));
  }

  /** Wrong where the mirror asks for a parameter: the container then takes the body away. */
  @Test
  void formReadAsAStreamIsNotParsed() throws Exception {
    application(RegressionHarness::store);
    assertThat(text(post("/form?page=1", FORM, FORM_TYPE))).isEqualTo("stored " + FORM.length);
    assertThat(copy().body()).isEqualTo(FORM);
  }

  /** Wrong where a form is made again of all parameters, those of the query included. */
  @Test
  void queryParametersAreNotMixedIntoTheFormBody() throws Exception {
    application((request, response) -> respond(response, request.getParameter("page")));
    HttpMessage response = post("/form?page=1&name=c", FORM, FORM_TYPE);
    assertThat(text(response)).isEqualTo("1");
    assertThat(Forms.parse(copy().body())).isEqualTo(Forms.parse(FORM));
    assertThat(copy().requestTarget()).isEqualTo("/form?page=1&name=c");
  }

  /** Wrong where parts are taken from the container and put together again. */
  @Test
  void multipartReadAsAStreamIsNotRebuilt() throws Exception {
    application(RegressionHarness::store);
    byte[] body =
        "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\n\r\n\r\n--b--\r\n"
            .getBytes(US_ASCII);
    post("/upload", body, "Content-Type: multipart/form-data; boundary=b");
    assertThat(copy().body()).isEqualTo(body);
    assertThat(copy().headers("Content-Type")).containsExactly("multipart/form-data; boundary=b");
  }

  /** Wrong where there is no sign of the end: half a body would go out as if it were all. */
  @Test
  void bodyReadInPartIsNotCopied() throws Exception {
    application(
        (request, response) ->
            respond(response, "got " + request.getInputStream().readNBytes(100).length));
    assertThat(text(postChunked("/push", new byte[3000]))).isEqualTo("got 100");
    assertOutcome(Outcome.BODY_INCOMPLETE, 1);
    assertThat(target().requests()).isEmpty();
  }

  /** Wrong where the mirror reads what the application leaves: its response would wait for it. */
  @Test
  void bodyIsNotReadInTheApplicationsPlace() throws Exception {
    application((request, response) -> respond(response, "no, thanks"));
    try (RawClient client = new RawClient(port())) {
      client.send(new byte[10], "POST /push HTTP/1.1", "Host: a", "Content-Length: 100000");
      assertThat(text(client.receive(false))).isEqualTo("no, thanks");
    }
    assertOutcome(Outcome.BODY_INCOMPLETE, 1);
  }

  /** Wrong where a wrapper's stream knows reading and nothing else. */
  @Test
  void availableIsThatOfTheContainer() throws Exception {
    application(
        (request, response) -> {
          ServletInputStream in = request.getInputStream();
          await().pollInSameThread().until(() -> in.available() > 0);
          store(request, response);
        });
    assertThat(text(post("/push", new byte[1000]))).isEqualTo("stored 1000");
    assertThat(copy().body()).hasSize(1000);
  }

  /** Wrong where a wrapper's stream refuses the listener, or never calls it. */
  @Test
  void nonBlockingReadsWork() throws Exception {
    application(
        (request, response) ->
            request
                .getInputStream()
                .setReadListener(
                    new CountingListener(request.startAsync(), request.getInputStream())));
    byte[] body = Wire.bytes(200_000, 5);
    assertThat(text(postChunked("/push", body))).isEqualTo("read 200000");
    assertThat(copy().body()).isEqualTo(body);
  }

  private record CountingListener(
      AsyncContext async, ServletInputStream in, ByteArrayOutputStream seen)
      implements ReadListener {
    CountingListener(AsyncContext async, ServletInputStream in) {
      this(async, in, new ByteArrayOutputStream());
    }

    @Override
    public void onDataAvailable() throws IOException {
      byte[] bytes = new byte[7000];
      while (in.isReady() && !in.isFinished()) {
        int read = in.read(bytes);
        seen.write(bytes, 0, Math.max(read, 0));
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      respond((HttpServletResponse) async.getResponse(), "read " + seen.size());
      async.complete();
    }

    @Override
    public void onError(Throwable cause) {
      async.complete();
    }
  }
}
