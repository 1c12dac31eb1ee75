package io.github.requestmirror.servlet.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.servlet.contract.Container.Mapped;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests each cell of the table in {@code docs/servlet.md}. */
abstract class DocumentedContract extends ServletContract {
  /** Relative to the directory of a container's module. */
  private static final Path DOCUMENT = Path.of("..", "..", "docs", "servlet.md");

  private static final byte[] BODY = bytes(20_000);
  private static final byte[] FORM = ascii("a=1&b=2");
  private static final byte[] MULTIPART =
      ascii("--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--cut--\r\n");

  private static final Exchange POST = post(BODY);
  private static final Exchange CHUNKED = chunked(BODY, 1000);
  private static final Exchange POST_FORM =
      post(FORM, "Content-Type: application/x-www-form-urlencoded");
  private static final Exchange POST_MULTIPART =
      post(MULTIPART, "Content-Type: multipart/form-data; boundary=cut");

  private static final Set<DispatcherType> USUAL =
      EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);
  private static final Set<DispatcherType> REQUEST_ONLY = EnumSet.of(DispatcherType.REQUEST);

  /** How a row is tested. */
  private static final class Row {
    final App app;
    final Exchange exchange;
    final byte[] body;
    final Set<DispatcherType> dispatches;

    Row(App app, Exchange exchange, byte[] body, Set<DispatcherType> dispatches) {
      this.app = app;
      this.exchange = exchange;
      this.body = body;
      this.dispatches = dispatches;
    }
  }

  private final Map<String, Row> rows = new LinkedHashMap<>();

  DocumentedContract(Container container) {
    super(container);
    bodies();
    parsed();
    dispatched();
    ended();
  }

  private void row(String name, App app, Exchange exchange, byte[] body) {
    rows.put(name, new Row(app, exchange, body, USUAL));
  }

  private static void readAll(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    respond(response, request.getInputStream().readAllBytes());
  }

  private void bodies() {
    row("reads to the end", DocumentedContract::readAll, CHUNKED, BODY);
    row(
        "reads to the end by `getReader`",
        (request, response) -> respond(response, "" + request.getReader().lines().count()),
        CHUNKED,
        BODY);
    row(
        "reads to the end by `ReadListener`",
        NonBlockingContract.Listener.app(1000, new AtomicLong()),
        CHUNKED,
        BODY);
    row("reads a `ByteBuffer`, blocking", DocumentedContract::readBuffers, CHUNKED, BODY);
    row(
        "reads the declared length and no further",
        (request, response) -> respond(response, request.getInputStream().readNBytes(BODY.length)),
        POST,
        BODY);
    row(
        "stops before the end",
        (request, response) -> respond(response, request.getInputStream().readNBytes(1000)),
        POST,
        BODY);
    row("does not read", (request, response) -> respond(response, "no, thanks"), POST, BODY);
    row(
        "does not read, and there is no body",
        (request, response) -> respond(response, "ok"),
        get("/x"),
        EMPTY);
  }

  /** Sends no response before Servlet 6.1, which has no such streams. */
  private static void readBuffers(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (isServlet61()) {
      ServletInputStream in = request.getInputStream();
      ByteBuffer buffer = ByteBuffer.allocate(1000);
      int total = 0;
      try {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer.clear())) {
          total += read;
        }
      } catch (IllegalStateException e) {
        total = -1;
      }
      respond(response, "" + total);
    }
  }

  private void parsed() {
    row(
        "reads a form as a stream, then `getParameter`",
        (request, response) ->
            respond(
                response,
                request.getInputStream().readAllBytes().length + request.getParameter("a")),
        POST_FORM,
        FORM);
    row(
        "`getParameter` of a form",
        (request, response) -> respond(response, request.getParameter("a")),
        POST_FORM,
        FORM);
    row(
        "`getParameter` of a multipart body",
        (request, response) -> respond(response, request.getParameter("a")),
        POST_MULTIPART,
        MULTIPART);
    row(
        "`getParts`",
        (request, response) -> respond(response, "" + request.getParts().size()),
        POST_MULTIPART,
        MULTIPART);
  }

  private App dispatching(boolean given) {
    return (request, response) -> {
      if (request.getDispatcherType() == DispatcherType.ASYNC) {
        readAll(request, response);
      } else if (given) {
        request.startAsync(request, response).dispatch();
      } else {
        request.startAsync().dispatch();
      }
    };
  }

  private void dispatched() {
    row(
        "`startAsync`, reads in another thread, `complete`",
        (request, response) -> {
          AsyncContext async = request.startAsync();
          later(
              () -> {
                readAll(request, response);
                async.complete();
              });
        },
        POST,
        BODY);
    row("`startAsync()`, `dispatch`, reads then", dispatching(false), POST, BODY);
    row("`startAsync(request, response)`, `dispatch`, reads then", dispatching(true), POST, BODY);
    rows.put(
        "`startAsync()`, `dispatch`, reads then; the filter not mapped to `ASYNC`",
        new Row(dispatching(false), POST, BODY, REQUEST_ONLY));
    rows.put(
        "`startAsync(request, response)`, `dispatch`, reads then; not mapped to `ASYNC`",
        new Row(dispatching(true), POST, BODY, REQUEST_ONLY));
    row(
        "`forward`, reads there",
        (request, response) -> {
          if (request.getDispatcherType() == DispatcherType.FORWARD) {
            readAll(request, response);
          } else {
            request.getRequestDispatcher("/inner").forward(request, response);
          }
        },
        POST,
        BODY);
    row(
        "`include`, reads there",
        (request, response) -> {
          if (request.getDispatcherType() == DispatcherType.INCLUDE) {
            readAll(request, response);
          } else {
            request.getRequestDispatcher("/inner").include(request, response);
          }
        },
        POST,
        BODY);
  }

  private void ended() {
    AtomicInteger begun = new AtomicInteger();
    row(
        "reads, then throws",
        (request, response) -> {
          request.getInputStream().readAllBytes();
          throw new IOException("on purpose");
        },
        POST,
        BODY);
    row(
        "reads, then times out",
        (request, response) -> {
          request.getInputStream().readAllBytes();
          request.startAsync().setTimeout(50);
        },
        POST,
        BODY);
    row(
        "reads while the client goes away",
        (request, response) -> {
          int first = request.getInputStream().read();
          begun.incrementAndGet();
          request.getInputStream().readAllBytes();
          respond(response, "" + first);
        },
        client -> {
          int before = begun.get();
          client.send(bytes(10), lines("POST /push HTTP/1.1", "Content-Length: 1000"));
          await().until(() -> begun.get() > before);
          client.abort();
          throw new IOException("gone");
        },
        BODY);
  }

  private static List<List<String>> table() throws IOException {
    return Files.readAllLines(DOCUMENT).stream()
        .filter(line -> line.startsWith("| "))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::trim).toList())
        .filter(cells -> !cells.get(1).startsWith("---"))
        .map(cells -> cells.subList(1, cells.size() - 1))
        .toList();
  }

  List<String> documentedRows() throws IOException {
    return table().stream().skip(1).map(cells -> cells.get(0)).toList();
  }

  @Test
  void everyRowIsTested() throws Exception {
    assertThat(documentedRows()).containsExactlyElementsOf(rows.keySet());
  }

  @ParameterizedTest
  @MethodSource("documentedRows")
  void cellStatesTheOutcome(String name) throws Exception {
    List<List<String>> table = table();
    int column = table.get(0).indexOf(container.documentedName());
    List<String> documented =
        table.stream().filter(cells -> cells.get(0).equals(name)).findFirst().orElseThrow();
    assertThat(documented.get(column)).isEqualTo(actualCell(name));
  }

  private String actualCell(String name) throws Exception {
    if (name.contains("ByteBuffer") && !isServlet61()) {
      return "–";
    }
    Row row = rows.get(name);
    if (row == null) {
      return "not tested";
    }
    checkWith(
        row.app, row.exchange, Mapped.of(new MirrorFilter(mirror())).dispatches(row.dispatches));
    assertThat(outcomes().values()).containsExactly(1L);
    Outcome outcome = outcomes().keySet().iterator().next();
    if (outcome != Outcome.ACCEPTED) {
      assertThat(target.requests()).isEmpty();
      return "`" + outcome + "`";
    }
    assertCopied(row.body);
    return stats().reencoded() == 0 ? "mirrored" : "mirrored, re-encoded";
  }
}
