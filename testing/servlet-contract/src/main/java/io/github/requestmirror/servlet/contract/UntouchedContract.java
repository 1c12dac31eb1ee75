package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests that are not mirrored pass unchanged; mirrored requests look the same. */
abstract class UntouchedContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);
  private static final App READING =
      (request, response) -> respond(response, request.getInputStream().readAllBytes());

  UntouchedContract(Container container) {
    super(container);
  }

  @Test
  void noSessionIsCreated() throws Exception {
    View view =
        check(
            (request, response) -> {
              request.getInputStream().readAllBytes();
              respond(response, "session " + request.getSession(false));
            },
            post(BODY));
    assertThat(view.response()).endsWith("session null").doesNotContain("Set-Cookie");
  }

  @Test
  void sessionOfTheApplicationWorks() throws Exception {
    check(
        (request, response) -> {
          boolean isNew = request.getSession(true).isNew();
          respond(response, request.getInputStream().readAllBytes().length + " " + isNew);
        },
        post(BODY));
    assertThat(assertCopied(BODY).headers("Cookie")).isEmpty();
  }

  @Test
  void primaryRequestIsNotMarked() throws Exception {
    View view =
        check(
            (request, response) -> {
              StringBuilder seen = new StringBuilder();
              for (String name : Collections.list(request.getHeaderNames())) {
                seen.append(name)
                    .append('=')
                    .append(Collections.list(request.getHeaders(name)))
                    .append(' ');
              }
              seen.append(request.getHeader("X-Request-Mirror"));
              request.getInputStream().readAllBytes();
              respond(response, seen.toString());
            },
            post(BODY, "X-Trace: 1", "X-Trace: 2", "Authorization: Bearer secret"));
    assertThat(view.response()).contains("[1, 2]", "Bearer secret").endsWith("null");
    HttpMessage copy = assertCopied(BODY);
    assertThat(copy.headers("X-Request-Mirror")).hasSize(1);
    assertThat(copy.headers("Authorization")).isEmpty();
  }

  @Test
  void copyOfAnotherMirrorIsServedAndNotCopied() throws Exception {
    check(
        (request, response) ->
            respond(
                response,
                request.getHeader("X-Request-Mirror")
                    + request.getInputStream().readAllBytes().length),
        post(BODY, "X-Request-Mirror: 1"));
    assertNotCopied(Outcome.LOOP);
  }

  /** Records the request and the response in front of the mirror. */
  private static Mapped recorder() {
    return Mapped.named(
        "recorder",
        (request, response, chain) -> {
          request.setAttribute("request", request);
          request.setAttribute("response", response);
          request.setAttribute("attributes", attributes(request));
          chain.doFilter(request, response);
        });
  }

  private static final App IDENTITY =
      (request, response) ->
          respond(
              response,
              "same request: "
                  + (request.getAttribute("request") == request)
                  + ", same response: "
                  + (request.getAttribute("response") == response)
                  + ", new attributes: "
                  + (attributes(request).size()
                      - ((Set<?>) request.getAttribute("attributes")).size()
                      - 1));

  private static Set<String> attributes(ServletRequest request) {
    return new HashSet<>(Collections.list(request.getAttributeNames()));
  }

  @Test
  void requestThatIsNotMirroredIsNotWrapped() throws Exception {
    application(IDENTITY);
    mirror(limits -> limits, policy -> policy.methods("PUT"));
    try (Container.Running own =
        container.start(servlet(), recorder(), Mapped.of(new MirrorFilter(mirror())))) {
      assertThat(view(own.port(), get("/x")).response())
          .endsWith("same request: true, same response: true, new attributes: 0");
    }
  }

  @Test
  void requestThatIsMirroredIsWrapped() throws Exception {
    application(IDENTITY);
    try (Container.Running own =
        container.start(servlet(), recorder(), Mapped.of(new MirrorFilter(mirror())))) {
      assertThat(view(own.port(), get("/x")).response())
          .endsWith("same request: false, same response: false, new attributes: 1");
    }
  }

  @Test
  void closedMirrorDoesNotAffectRequests() throws Exception {
    mirror().close();
    check(READING, post(BODY));
    assertNotCopied(Outcome.CLOSED);
  }

  @Test
  void disabledMirrorDoesNotAffectRequests() throws Exception {
    mirror().enabled(false);
    check(READING, post(BODY));
    assertThat(stats().count(Outcome.DISABLED)).isEqualTo(2);
    assertThat(target.requests()).isEmpty();
  }

  // Filters in front of the mirror that throw.

  private static Mapped before(UnaryOperator<ServletRequest> wrapper) {
    return Mapped.named(
        "before", (request, response, chain) -> chain.doFilter(wrapper.apply(request), response));
  }

  @Test
  void attributesThatCannotBeSetDoNotHurt() throws Exception {
    checkWith(
        READING,
        post(BODY),
        before(
            request ->
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                  @Override
                  public void setAttribute(String name, @Nullable Object value) {
                    throw new IllegalStateException("on purpose: " + name);
                  }
                }),
        Mapped.of(new MirrorFilter(mirror())));
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void headersThatCannotBeReadDoNotHurt() throws Exception {
    checkWith(
        READING,
        post(BODY),
        before(
            request ->
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                  @Override
                  public Enumeration<String> getHeaderNames() {
                    throw new IllegalStateException("on purpose");
                  }
                }),
        Mapped.of(new MirrorFilter(mirror())));
    assertThat(outcomes()).isEqualTo(Map.of(Outcome.POLICY_ERROR, 1L));
  }
}
