package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.header.writers.CacheControlHeadersWriter;
import org.springframework.security.web.servletapi.SecurityContextHolderAwareRequestFilter;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;

/**
 * Spring Security's filter chain in front of the mirror and behind it: with protection against
 * CSRF, which looks for a token in the parameters, and the strict firewall.
 */
abstract class SecurityFilterContract extends AroundContract {
  private static final byte[] BODY = bytes(3000);
  private static final String COOKIE = "Cookie: XSRF-TOKEN=token";
  private static final String TOKEN = "X-XSRF-TOKEN: token";

  SecurityFilterContract(Container container) {
    super(container);
  }

  private static Filter chain() throws ServletException {
    CsrfFilter csrf = new CsrfFilter(CookieCsrfTokenRepository.withHttpOnlyFalse());
    csrf.setRequestHandler(new CsrfTokenRequestAttributeHandler());
    SecurityContextHolderAwareRequestFilter aware = new SecurityContextHolderAwareRequestFilter();
    aware.afterPropertiesSet();
    FilterChainProxy proxy =
        new FilterChainProxy(
            new DefaultSecurityFilterChain(
                AnyRequestMatcher.INSTANCE,
                new SecurityContextHolderFilter(new RequestAttributeSecurityContextRepository()),
                new HeaderWriterFilter(List.of(new CacheControlHeadersWriter())),
                csrf,
                aware,
                new AnonymousAuthenticationFilter("key")));
    proxy.afterPropertiesSet();
    return proxy;
  }

  @ParameterizedTest
  @EnumSource
  void bodyWithATokenInAHeaderIsCopied(Place place) throws Exception {
    put(place, chain());
    for (boolean chunked : new boolean[] {false, true}) {
      mirror(limits -> limits, policy -> policy);
      int before = target.requests().size();
      View view = check(Use.STREAM.app(), send("POST", BODY, chunked, COOKIE, TOKEN));
      assertThat(view.response()).contains("200", "Cache-Control: no-cache");
      assertOutcome(Outcome.ACCEPTED);
      assertThat(target.requests().get(before).body()).isEqualTo(BODY);
    }
  }

  @ParameterizedTest
  @EnumSource
  void bodyReadAfterADispatchIsCopied(Place place) throws Exception {
    put(place, chain());
    View view =
        check(
            (request, response) -> {
              if (AsyncContract.isAgain(request)) {
                respond(response, request.getInputStream().readAllBytes());
              } else {
                request.startAsync(request, response).dispatch();
              }
            },
            send("POST", BODY, false, COOKIE, TOKEN));
    assertThat(view.response()).contains("200", "3000 bytes");
    assertCopied(BODY);
  }

  /** The chain asks for the parameter, so that the container parses the form. */
  @ParameterizedTest
  @EnumSource
  void formWithATokenIsEncodedAgain(Place place) throws Exception {
    put(place, chain());
    byte[] form = ascii("_csrf=token&a=1");
    for (Use use : Use.values()) {
      mirror(limits -> limits, policy -> policy);
      int before = target.requests().size();
      View view = check(use.app(), send("POST", form, true, COOKIE, FORM_TYPE));
      assertThat(view.response()).contains("200");
      assertOutcome(Outcome.ACCEPTED);
      assertThat(stats().reencoded()).isEqualTo(1);
      assertSamePairs(target.requests().get(before).body(), form);
    }
  }

  /** Behind, the mirror has seen what the chain has read. */
  @ParameterizedTest
  @EnumSource
  void refusedRequestIsMirroredIfTheChainBehindHasReadIt(Place place) throws Exception {
    put(place, chain());
    View view = check(Use.STREAM.app(), send("POST", FORM, false, COOKIE, FORM_TYPE));
    assertThat(view.response()).contains(" 403");
    if (place == Place.IN_FRONT) {
      assertThat(outcomes()).isEmpty();
    } else {
      assertCopied(ascii("a=1&a=4&b=2%2B3"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusedRequestIsNotMirroredIfNothingHasReadIt(Place place) throws Exception {
    put(place, chain());
    View view = check(Use.STREAM.app(), send("POST", BODY, false, COOKIE));
    assertThat(view.response()).contains(" 403");
    assertRefused(place);
  }

  @ParameterizedTest
  @EnumSource
  void requestThatTheFirewallRefusesIsNotMirrored(Place place) throws Exception {
    put(place, chain());
    String[] lines = lines("POST /a;b=1/push HTTP/1.1", "Content-Length: 3000", COOKIE, TOKEN);
    View view = check(Use.STREAM.app(), atOnce(BODY, lines));
    assertThat(view.response()).contains(" 400");
    assertRefused(place);
  }

  private void assertRefused(Place place) {
    if (place == Place.IN_FRONT) {
      assertThat(outcomes()).isEmpty();
    } else {
      assertNotCopied(Outcome.BODY_INCOMPLETE);
    }
  }
}
