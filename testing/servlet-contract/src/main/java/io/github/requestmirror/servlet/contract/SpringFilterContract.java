package io.github.requestmirror.servlet.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.testing.HttpMessage;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.web.filter.AbstractRequestLoggingFilter;
import org.springframework.web.filter.CharacterEncodingFilter;
import org.springframework.web.filter.FormContentFilter;
import org.springframework.web.filter.HiddenHttpMethodFilter;
import org.springframework.web.filter.ShallowEtagHeaderFilter;
import org.springframework.web.util.ContentCachingRequestWrapper;

/** Spring's filters in front of the mirror and behind it. */
abstract class SpringFilterContract extends AroundContract {
  SpringFilterContract(Container container) {
    super(container);
  }

  /** Filters that neither read a body nor parse it by themselves. */
  enum Observing {
    CONTENT_CACHING {
      @Override
      Filter create() {
        return (request, response, chain) ->
            chain.doFilter(
                new ContentCachingRequestWrapper((HttpServletRequest) request, 10_000), response);
      }
    },
    REQUEST_LOGGING {
      @Override
      Filter create() {
        return new Logging();
      }
    },
    SHALLOW_ETAG {
      @Override
      Filter create() {
        return new ShallowEtagHeaderFilter();
      }
    },
    CHARACTER_ENCODING {
      @Override
      Filter create() {
        return new CharacterEncodingFilter("UTF-8", true, true);
      }
    },
    /** Parses forms of PUT, PATCH and DELETE only. */
    FORM_CONTENT {
      @Override
      Filter create() {
        return new FormContentFilter();
      }
    };

    abstract Filter create();
  }

  /** Like {@code CommonsRequestLoggingFilter}, but keeps the lines. */
  private static final class Logging extends AbstractRequestLoggingFilter {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Logging() {
      setIncludePayload(true);
      setIncludeHeaders(true);
      setHeaderPredicate(name -> name.equalsIgnoreCase("Content-Type"));
      setMaxPayloadLength(1000);
    }

    @Override
    protected boolean shouldLog(HttpServletRequest request) {
      return !request.getRequestURI().equals(AppServlet.PROBE);
    }

    @Override
    protected void beforeRequest(HttpServletRequest request, String message) {
      lines.add(message);
    }

    @Override
    protected void afterRequest(HttpServletRequest request, String message) {
      lines.add(message);
    }
  }

  /** Sends the form for each use, with and without a length. */
  private void checkUses(String method, Use[] uses, boolean reencoded) throws Exception {
    for (Use use : uses) {
      for (boolean chunked : new boolean[] {false, true}) {
        checkForm(use, send(method, FORM, chunked, FORM_TYPE), reencoded);
      }
    }
  }

  private HttpMessage checkForm(Use use, Exchange exchange, boolean reencoded) throws Exception {
    mirror(limits -> limits, policy -> policy);
    int before = target.requests().size();
    check(use.app(), exchange);
    assertThat(outcomes()).as("%s", use).containsOnlyKeys(Outcome.ACCEPTED);
    assertThat(target.requests()).hasSize(before + 1);
    HttpMessage copy = target.requests().get(before);
    assertThat(copy.headers("X-Request-Mirror"))
        .as("%s", use)
        .containsExactly(reencoded ? "reencoded" : "1");
    assertThat(copy.body())
        .as("%s", use)
        .isEqualTo(reencoded ? ascii("a=1&a=4&b=2%2B3") : FORM)
        .hasSize(Integer.parseInt(copy.headers("Content-Length").get(0)));
    return copy;
  }

  @ParameterizedTest
  @EnumSource
  void filterInFrontThatObservesChangesNothing(Observing filter) throws Exception {
    put(Place.IN_FRONT, filter.create());
    checkObserving();
  }

  @ParameterizedTest
  @EnumSource
  void filterBehindThatObservesChangesNothing(Observing filter) throws Exception {
    put(Place.BEHIND, filter.create());
    checkObserving();
  }

  private void checkObserving() throws Exception {
    checkUses("POST", new Use[] {Use.STREAM, Use.READER, Use.STREAM_THEN_PARAMETERS}, false);
    checkUses("POST", new Use[] {Use.PARAMETERS, Use.PARAMETERS_THEN_STREAM}, true);
  }

  /** The filter asks for a parameter, so that the form does not come through the stream. */
  @ParameterizedTest
  @EnumSource
  void formThatTheHiddenMethodFilterParsesIsEncodedAgain(Place place) throws Exception {
    put(place, new HiddenHttpMethodFilter());
    checkUses("POST", Use.values(), true);
  }

  /** Only a filter in front changes the method that the mirror sees. */
  @ParameterizedTest
  @EnumSource
  void hiddenMethodIsThatOfTheCopyIfTheFilterIsInFront(Place place) throws Exception {
    put(place, new HiddenHttpMethodFilter());
    View view =
        check(Use.PARAMETERS.app(), send("POST", ascii("_method=DELETE&a=1"), false, FORM_TYPE));
    assertThat(view.response()).contains("DELETE 18");
    assertOutcome(Outcome.ACCEPTED);
    HttpMessage copy = target.requests().get(0);
    assertThat(copy.startLine()).startsWith(place == Place.IN_FRONT ? "DELETE" : "POST");
    assertSamePairs(copy.body(), ascii("_method=DELETE&a=1"));
  }

  /** The filter in front reads the stream, so only its parameters have the form. */
  @Test
  void formThatTheFormContentFilterInFrontReadsIsEncodedAgain() throws Exception {
    put(Place.IN_FRONT, new FormContentFilter());
    Use[] uses = {
      Use.STREAM, Use.PARAMETERS, Use.STREAM_THEN_PARAMETERS, Use.PARAMETERS_THEN_STREAM
    };
    checkUses("PUT", uses, true);
  }

  @Test
  void formThatTheFormContentFilterBehindReadsIsCopied() throws Exception {
    put(Place.BEHIND, new FormContentFilter());
    checkUses("PUT", Use.values(), false);
  }

  @ParameterizedTest
  @EnumSource
  void charsetOfTheEncodingFilterIsThatOfTheForm(Place place) throws Exception {
    put(place, new CharacterEncodingFilter("UTF-8", true, true));
    byte[] form = ascii("a=%E2%98%83&b=%C3%BC");
    View view = check(Use.PARAMETERS.app(), send("POST", form, true, FORM_TYPE));
    assertThat(view.response()).endsWith(new String("{a=[☃], b=[ü]}".getBytes(UTF_8), ISO_8859_1));
    assertCopied(form);
    assertThat(stats().reencoded()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void loggedRequestsAreTheSame(Place place) throws Exception {
    Logging logging = new Logging();
    put(place, logging);
    check(Use.STREAM.app(), send("POST", FORM, true, FORM_TYPE));
    assertThat(logging.lines).hasSize(4);
    assertThat(logging.lines.subList(2, 4))
        .isEqualTo(logging.lines.subList(0, 2))
        .last()
        .asString()
        .contains(new String(FORM, ISO_8859_1));
    assertCopied(FORM);
  }
}
