package io.github.requestmirror.servlet.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** The base of contracts with a filter in front of the mirror or behind it. */
abstract class AroundContract extends ServletContract {
  static final String FORM_TYPE = "Content-Type: application/x-www-form-urlencoded";
  static final byte[] FORM = ascii("a=1&b=2%2B3&a=4");

  private final Switch front = new Switch();
  private final Switch behind = new Switch();

  AroundContract(Container container) {
    super(container);
  }

  /** Where the filter is in the chain. */
  enum Place {
    IN_FRONT,
    BEHIND
  }

  /** How the application reads the request. */
  enum Use {
    STREAM {
      @Override
      String of(HttpServletRequest request) throws IOException {
        return bytes(request);
      }
    },
    READER {
      @Override
      String of(HttpServletRequest request) throws IOException {
        return text(request.getReader());
      }
    },
    PARAMETERS {
      @Override
      String of(HttpServletRequest request) {
        return parameters(request);
      }
    },
    STREAM_THEN_PARAMETERS {
      @Override
      String of(HttpServletRequest request) throws IOException {
        return bytes(request) + parameters(request);
      }
    },
    PARAMETERS_THEN_STREAM {
      @Override
      String of(HttpServletRequest request) throws IOException {
        return parameters(request) + bytes(request);
      }
    };

    abstract String of(HttpServletRequest request) throws IOException;

    private static String bytes(HttpServletRequest request) throws IOException {
      return new String(request.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static String text(BufferedReader reader) throws IOException {
      StringBuilder text = new StringBuilder();
      for (int read = reader.read(); read >= 0; read = reader.read()) {
        text.append((char) read);
      }
      return text.toString();
    }

    private static String parameters(HttpServletRequest request) {
      Map<String, String> parameters = new TreeMap<>();
      request
          .getParameterMap()
          .forEach((name, values) -> parameters.put(name, Arrays.toString(values)));
      return parameters.toString();
    }

    /** Responds with what it has read, and with what filters may have changed. */
    App app() {
      return (request, response) ->
          respond(
              response,
              String.join(
                  " ",
                  request.getMethod(),
                  "" + request.getContentLengthLong(),
                  "" + request.getHeader("Content-Encoding"),
                  "" + request.getCharacterEncoding(),
                  of(request)));
    }
  }

  @Override
  final List<Mapped> front() {
    return List.of(Mapped.named("front", front));
  }

  @Override
  final List<Mapped> behind() {
    return List.of(Mapped.named("behind", behind));
  }

  @BeforeEach
  final void removeFilters() {
    front.present = null;
    behind.present = null;
  }

  final void put(Place place, @Nullable Filter filter) {
    (place == Place.IN_FRONT ? front : behind).present = filter;
  }

  /** Asserts that two forms are equal except for the order of different names. */
  static void assertSamePairs(byte[] form, byte[] expected) {
    assertThat(new String(form, ISO_8859_1).split("&", -1))
        .containsExactlyInAnyOrder(new String(expected, ISO_8859_1).split("&", -1));
  }

  static Exchange send(String method, byte[] body, boolean chunked, String... headers) {
    String[] lines =
        lines(
            method + " /push HTTP/1.1",
            chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length,
            headers);
    return atOnce(chunked ? chunks(body, 4) : body, lines);
  }
}
