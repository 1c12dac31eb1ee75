package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Filters in front of the mirror that override a part of the request or have used it. Filters that
 * override only the stream or only the reader: see {@link FilteredBodyContract}.
 */
abstract class OverridingFilterContract extends AroundContract {
  OverridingFilterContract(Container container) {
    super(container);
  }

  /** Changes a parameter, either everywhere or where one value is asked for. */
  private static Filter changing(String name, boolean everywhere) {
    return (request, response, chain) ->
        chain.doFilter(
            new HttpServletRequestWrapper((HttpServletRequest) request) {
              @Override
              public String getParameter(String asked) {
                return asked.equals(name) ? "changed" : super.getParameter(asked);
              }

              @Override
              public Map<String, String[]> getParameterMap() {
                Map<String, String[]> all = new LinkedHashMap<>(super.getParameterMap());
                if (everywhere) {
                  all.put(name, new String[] {"changed"});
                }
                return all;
              }
            },
            response);
  }

  private static final App ONE_PARAMETER =
      (request, response) -> respond(response, request.getParameter("b"));

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void copyHasTheParametersOfTheFiltersMap(boolean everywhere) throws Exception {
    put(Place.IN_FRONT, changing("b", everywhere));
    View view = check(ONE_PARAMETER, send("POST", ascii("a=1&b=2"), false, FORM_TYPE));
    assertThat(view.response()).endsWith("changed");
    assertCopied(ascii(everywhere ? "a=1&b=changed" : "a=1&b=2"));
    assertThat(stats().reencoded()).isEqualTo(1);
  }

  @Test
  void streamIsCopiedAlthoughTheFilterChangesParameters() throws Exception {
    put(Place.IN_FRONT, changing("b", true));
    check(Use.STREAM.app(), send("POST", FORM, true, FORM_TYPE));
    assertCopied(FORM);
  }

  /** What remains without the query's parameters is not known. */
  @Test
  void formIsNotCopiedIfTheFilterChangesTheQuery() throws Exception {
    put(Place.IN_FRONT, changing("q", true));
    check(
        ONE_PARAMETER,
        atOnce(ascii("b=2"), lines("POST /push?q=1 HTTP/1.1", "Content-Length: 3", FORM_TYPE)));
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  /** The container then refuses the stream, but not the reader. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void readerThatTheFilterHasUsedIsThatOfTheApplication(int read) throws Exception {
    put(
        Place.IN_FRONT,
        (request, response, chain) -> {
          for (int i = 0; i < read; i++) {
            assertThat(request.getReader().read()).isNotNegative();
          }
          request.getReader();
          chain.doFilter(request, response);
        });
    View view = check(Use.READER.app(), send("POST", ascii("text"), true));
    assertThat(view.response()).contains("200").endsWith("text".substring(read));
    // Undertow's reader is over a stream, which nothing has taken from the container.
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  @Test
  void streamIsRefusedIfTheFilterHasTheReader() throws Exception {
    put(
        Place.IN_FRONT,
        (request, response, chain) -> {
          request.getReader();
          chain.doFilter(request, response);
        });
    View view =
        check(
            (request, response) -> {
              try {
                respond(response, "read " + request.getInputStream().read());
              } catch (IllegalStateException e) {
                respond(response, "refused");
              }
            },
            send("POST", ascii("text"), false));
    assertThat(view.response()).endsWith("refused");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  /** The parts are not in the stream that the application reads. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void multipartBodyThatTheFilterHasParsedIsNotCopied(boolean chunked) throws Exception {
    AtomicInteger parts = new AtomicInteger();
    put(
        Place.IN_FRONT,
        (request, response, chain) -> {
          parts.set(((HttpServletRequest) request).getParts().size());
          chain.doFilter(request, response);
        });
    byte[] body =
        ascii("--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--cut--\r\n");
    check(
        Use.STREAM.app(),
        send("POST", body, chunked, "Content-Type: multipart/form-data; boundary=cut"));
    assertThat(parts).hasValue(1);
    assertNotCopied(Outcome.BODY_UNSUPPORTED);
  }

  /**
   * The copy has what the client sent, with the headers that say so. The filter does not read the
   * end of the chunks, which Jetty then does not know.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyIsCopiedCompressedIfItIsInflatedBehind(boolean chunked) throws Exception {
    put(Place.BEHIND, new InflatingFilter(elsewhere));
    byte[] compressed = InflatedBodyContract.gzip(FORM);
    View view =
        check(Use.STREAM.app(), send("POST", compressed, chunked, "Content-Encoding: gzip"));
    assertThat(view.response()).endsWith("a=1&b=2%2B3&a=4");
    if (chunked) {
      assertCopiedOr(Outcome.BODY_INCOMPLETE, compressed);
    } else {
      assertThat(assertCopied(compressed).headers("Content-Encoding")).containsExactly("gzip");
    }
  }
}
