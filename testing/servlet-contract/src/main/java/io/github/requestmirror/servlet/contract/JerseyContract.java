package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Form;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.glassfish.jersey.servlet.ServletProperties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jersey as a filter behind the mirror. It reads bodies and forms itself. */
abstract class JerseyContract extends ServletContract {
  private static final byte[] BODY = bytes(3000);
  private static final String BINARY = "Content-Type: application/octet-stream";
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded";

  private static final App NOT_REACHED = (request, response) -> response.sendError(500);

  /**
   * Warns of optional libraries and of parsed forms. Kept in a field, because java.util.logging
   * forgets the levels of loggers that are garbage-collected.
   */
  private static final Logger QUIET = Logger.getLogger("org.glassfish.jersey");

  /** Whether a filter between the mirror and Jersey asks for a parameter. */
  private volatile boolean parsed;

  JerseyContract(Container container) {
    super(container);
  }

  @Override
  List<Mapped> behind() {
    QUIET.setLevel(Level.OFF);
    ResourceConfig application =
        new ResourceConfig(Resource.class)
            .property(ServletProperties.FILTER_STATIC_CONTENT_REGEX, AppServlet.PROBE)
            .property(ServerProperties.WADL_FEATURE_DISABLE, true)
            .property(ServerProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true);
    return List.of(
        Mapped.named("parsing", this::parse),
        Mapped.named("jersey", new ServletContainer(application)));
  }

  private void parse(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (parsed) {
      assertThat(request.getParameter("none")).isNull();
    }
    chain.doFilter(request, response);
  }

  @BeforeEach
  void parseNothing() {
    parsed = false;
  }

  /** The application. */
  @Path("push")
  public static final class Resource {
    @POST
    @Consumes("application/octet-stream")
    public String bytes(byte[] body) {
      return body.length + " " + Arrays.hashCode(body);
    }

    @POST
    @Consumes("application/x-www-form-urlencoded")
    public String form(Form form) {
      return new TreeMap<>(form.asMap()).toString();
    }

    @POST
    @Path("parameter")
    @Consumes("application/x-www-form-urlencoded")
    public String parameterOfAPost(@FormParam("b") List<String> parameter) {
      return parameter.toString();
    }

    @PUT
    @Consumes("application/x-www-form-urlencoded")
    public String parameter(@FormParam("b") String parameter) {
      return parameter;
    }

    @PUT
    @Consumes("application/octet-stream")
    public String part(InputStream body) throws IOException {
      return "" + body.readNBytes(10).length;
    }

    @POST
    @Consumes("text/plain")
    public Response refused(String body) {
      return Response.status(409).entity(body).build();
    }

    @GET
    public String get() {
      return "nothing";
    }
  }

  private View exchange(String method, byte[] body, boolean chunked, String type) throws Exception {
    return check(NOT_REACHED, AroundContract.send(method, body, chunked, type));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyIsCopied(boolean chunked) throws Exception {
    View view = exchange("POST", BODY, chunked, BINARY);
    assertThat(view.response()).endsWith("3000 " + Arrays.hashCode(BODY));
    assertCopied(BODY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void formIsCopiedAsItWasSent(boolean chunked) throws Exception {
    byte[] form = ascii("b=2%2B3&a=1&b=4");
    View view = exchange("POST", form, chunked, FORM);
    assertThat(view.response()).endsWith("{a=[1], b=[2+3, 4]}");
    assertCopied(form);
    assertThat(stats().reencoded()).isZero();
  }

  /** Jersey then takes the parameters of the request. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void formThatWasParsedBeforeIsEncodedAgain(boolean chunked) throws Exception {
    parsed = true;
    byte[] form = ascii("a=1&b=2%2B3&b=4");
    View view =
        check(
            NOT_REACHED,
            atOnce(
                chunked ? chunks(form, 4) : form,
                lines(
                    "POST /push/parameter HTTP/1.1",
                    chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + form.length,
                    FORM)));
    assertThat(view.response()).endsWith("[2+3, 4]");
    assertCopied(form);
    assertThat(stats().reencoded()).isEqualTo(1);
  }

  @Test
  void formOfAPutIsCopied() throws Exception {
    byte[] form = ascii("a=1&b=2");
    assertThat(exchange("PUT", form, true, FORM).response()).endsWith("2");
    assertCopied(form);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bodyReadInPartIsNotCopied(boolean chunked) throws Exception {
    View view = exchange("PUT", BODY, chunked, BINARY);
    assertThat(view.response()).contains("200").endsWith("10");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void requestThatTheResourceRefusesIsCopied() throws Exception {
    View view = exchange("POST", ascii("no"), true, "Content-Type: text/plain");
    assertThat(view.response()).contains(" 409");
    assertCopied(ascii("no"));
  }

  /** Jersey does not read the body. */
  @Test
  void requestOfAnotherTypeIsNotCopied() throws Exception {
    View view = exchange("POST", BODY, false, "Content-Type: text/css");
    assertThat(view.response()).contains(" 415");
    assertNotCopied(Outcome.BODY_INCOMPLETE);
  }

  @Test
  void requestWithoutBodyIsCopied() throws Exception {
    View view = check(NOT_REACHED, get("/push"));
    assertThat(view.response()).endsWith("nothing");
    assertCopied(EMPTY);
  }
}
