package io.github.requestmirror.servlet.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Text that is not valid in its charset, and charsets that do not exist. Some containers replace
 * invalid text and others throw; the application sees what it sees without the mirror.
 */
abstract class MalformedTextContract extends ServletContract {
  private static final String LINES = "\nand more\nlines";

  MalformedTextContract(Container container) {
    super(container);
  }

  /** How an application reads text. */
  enum Reading {
    /** Not with {@code read()}, which Tomcat fails in another way. */
    CHARACTERS {
      @Override
      void read(BufferedReader reader, StringBuilder text) throws IOException {
        readArrays(reader, new char[1], text);
      }
    },
    LINES {
      @Override
      void read(BufferedReader reader, StringBuilder text) throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          text.append(line).append('|');
        }
      }
    },
    ARRAYS {
      @Override
      void read(BufferedReader reader, StringBuilder text) throws IOException {
        readArrays(reader, new char[1000], text);
      }
    };

    abstract void read(BufferedReader reader, StringBuilder text) throws IOException;

    private static void readArrays(BufferedReader reader, char[] array, StringBuilder text)
        throws IOException {
      for (int read = reader.read(array); read >= 0; read = reader.read(array)) {
        text.append(array, 0, read);
      }
    }

    /** Returns the text up to its end or to an exception. */
    String describe(HttpServletRequest request) throws IOException {
      StringBuilder text = new StringBuilder();
      try {
        read(request.getReader(), text);
      } catch (CharacterCodingException e) {
        text.append("[invalid]");
      }
      return text.length() + " characters: " + text;
    }
  }

  /** Bytes that are not valid in the charset, or not at the end of a text. */
  private static String invalid(String charset) {
    return switch (charset) {
      case "utf-8" -> "\u00e2\u0098";
      case "us-ascii" -> "\u00e4";
      case "utf-16" -> "\u00d8\u0000\u0000";
      case "windows-1252" -> "\u0081";
      default -> throw new IllegalArgumentException(charset);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "utf-8, 0",
    "utf-8, 3",
    "utf-8, 1000",
    "utf-8, 8191",
    "utf-8, 20000",
    "us-ascii, 0",
    "us-ascii, 3",
    "us-ascii, 20000",
    "utf-16, 0",
    "utf-16, 4",
    "utf-16, 20000",
    "windows-1252, 0",
    "windows-1252, 3",
    "windows-1252, 20000"
  })
  void invalidTextIsReadAsWithoutTheMirror(String charset, int validBytes) throws Exception {
    String type = "Content-Type: text/plain;charset=" + charset;
    String start = "x".repeat(validBytes) + invalid(charset);
    for (Reading reading : Reading.values()) {
      for (String text : new String[] {start, start + LINES}) {
        for (boolean chunked : new boolean[] {false, true}) {
          startMirrorAgain();
          byte[] body = text.getBytes(ISO_8859_1);
          check(
              (request, response) -> respond(response, reading.describe(request)),
              chunked ? chunked(body, 100, type) : post(body, type));
          assertCopiedOr(Outcome.BODY_INCOMPLETE, body);
        }
      }
    }
  }

  /** A filter's request with a reader of its own, over the container's. */
  private static final class WithReader extends HttpServletRequestWrapper {
    WithReader(HttpServletRequest request) {
      super(request);
    }

    @Override
    public BufferedReader getReader() throws IOException {
      return new BufferedReader(super.getReader());
    }
  }

  private void startMirrorAgain() {
    closeTarget();
    startMirror();
  }

  @ParameterizedTest
  @EnumSource
  void invalidTextIsReadAsWithoutTheMirrorBehindAFilterWithAReader(Reading reading)
      throws Exception {
    byte[] body = ("text" + invalid("utf-8") + LINES).getBytes(ISO_8859_1);
    Mapped withReader =
        Mapped.named(
            "reader",
            (request, response, chain) ->
                chain.doFilter(new WithReader((HttpServletRequest) request), response));
    application((request, response) -> respond(response, reading.describe(request)));
    Exchange exchange = post(body, "Content-Type: text/plain;charset=utf-8");
    try (Container.Running without = container.start(servlet(), withReader);
        Container.Running with =
            container.start(servlet(), withReader, Mapped.of(new MirrorFilter(mirror())))) {
      sameView(without.port(), with.port(), exchange);
    }
    assertCopiedOr(Outcome.BODY_UNSUPPORTED, body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "\"not a name\"", "\"\"", "x?y", "'utf-8'", "\"utf-8\""})
  void unknownCharsetFailsAsWithoutTheMirror(String charset) throws Exception {
    byte[] body = ascii("abc");
    check(
        (request, response) -> {
          StringBuilder seen = new StringBuilder();
          for (int i = 0; i < 3; i++) {
            try {
              seen.append(i < 2 ? request.getReader().readLine() : request.getInputStream().read());
            } catch (IOException | RuntimeException e) {
              seen.append(e.getClass());
            }
          }
          respond(response, seen.toString());
        },
        post(body, "Content-Type: text/plain;charset=" + charset));
    assertCopiedOr(Outcome.BODY_INCOMPLETE, body);
  }
}
