package io.github.requestmirror.servlet.contract;

import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/** The base of contracts with a filter in front of the mirror that reads or replaces bodies. */
abstract class BufferedBodyContract extends ServletContract {
  static final byte[] BODY = bytes(50_000);
  static final String BINARY = "Content-Type: text/plain;charset=iso-8859-1";

  volatile BufferedBody.Kind kind = BufferedBody.Kind.FRESH;

  BufferedBodyContract(Container container) {
    super(container);
  }

  @Override
  List<Mapped> front() {
    return List.of(
        Mapped.named(
            "keeping",
            (request, response, chain) ->
                chain.doFilter(kind.wrap((HttpServletRequest) request, elsewhere), response)));
  }

  @BeforeEach
  void resetKind() {
    kind = BufferedBody.Kind.FRESH;
  }

  static Exchange posted(boolean chunked) {
    return chunked ? chunked(BODY, 777, BINARY) : post(BODY, BINARY);
  }

  static byte[] text(BufferedReader reader) throws IOException {
    StringBuilder text = new StringBuilder();
    char[] buffer = new char[1000];
    for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
      text.append(buffer, 0, read);
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  static boolean same(Object first, Object second) {
    return first == second;
  }

  /** Responds with the length and hash of each array. */
  static void respondWithAll(HttpServletResponse response, byte[]... read) throws IOException {
    StringBuilder text = new StringBuilder();
    for (byte[] bytes : read) {
      text.append(bytes.length).append(':').append(Arrays.hashCode(bytes)).append(' ');
    }
    respond(response, text.toString());
  }
}
