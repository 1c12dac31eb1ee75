package io.github.requestmirror.examples.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.servlet.MirrorFilter;
import io.github.requestmirror.testing.Conservation;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * What the README shows is code that compiles, links that lead somewhere, defaults that are true.
 */
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path SNIPPETS =
      Path.of("src/main/java/io/github/requestmirror/examples/snippets");
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- snippet: (\\S+) -->\n```\\w+\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)\\)");

  @Test
  void everySnippetIsCodeThatCompiles() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<String> seen = new ArrayList<>();
    for (Matcher m = SNIPPET.matcher(readme); m.find(); ) {
      String name = m.group(1);
      Path source =
          name.equals("web.xml")
              ? Path.of("src/main/webapp/WEB-INF/web.xml")
              : SNIPPETS.resolve(name + ".java");
      assertThat(flat(Files.readString(source))).as(name).contains(flat(m.group(2)));
      seen.add(name);
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "JettySnippet", "web.xml", "OkHttpSnippet", "HttpClient5Snippet", "SwapSnippet");
    Matcher code = Pattern.compile("```(java|xml)\n").matcher(readme);
    assertThat(code.results().count()).as("snippets").isEqualTo(seen.size());
  }

  @Test
  void codeInTheOtherDocumentsIsThatOfSnippetsToo() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.list(SNIPPETS)) {
      for (Path file : files.toList()) {
        sources.add(flat(Files.readString(file)));
      }
    }
    try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
      for (Path page : pages.toList()) {
        Matcher code =
            Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
        while (code.find()) {
          String shown = flat(code.group(1));
          assertThat(sources).as("code in %s", page).anyMatch(source -> source.contains(shown));
        }
      }
    }
  }

  /** Indentation differs; nothing else may. */
  private static String flat(String code) {
    return code.lines().map(String::strip).reduce("", (a, b) -> a + "\n" + b);
  }

  @Test
  void initParamsOfTheSnippetStartAFilter() throws Exception {
    Document xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of("src/main/webapp/WEB-INF/web.xml").toFile());
    FilterHolder holder = new FilterHolder(MirrorFilter.class);
    NodeList params = xml.getElementsByTagName("init-param");
    for (int i = 0; i < params.getLength(); i++) {
      Element param = (Element) params.item(i);
      holder.setInitParameter(text(param, "param-name"), text(param, "param-value"));
    }
    assertThat(text(xml.getDocumentElement(), "filter-class"))
        .isEqualTo(MirrorFilter.class.getName());
    ServletContextHandler context = new ServletContextHandler();
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
    Server server = new Server();
    server.setHandler(context);
    server.start();
    server.stop();
    Conservation.awaitNoThreads();
  }

  private static String text(Element parent, String name) {
    return parent.getElementsByTagName(name).item(0).getTextContent();
  }

  @Test
  void linksOfTheDocumentsLeadSomewhere() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      List<Path> pages =
          Stream.concat(top, docs).filter(page -> page.toString().endsWith(".md")).toList();
      assertThat(pages).isNotEmpty();
      for (Path page : pages) {
        for (Matcher m = LINK.matcher(Files.readString(page)); m.find(); ) {
          assertThat(page.resolveSibling(m.group(1))).as("link in %s", page).exists();
        }
      }
    }
  }

  @Test
  void limitsTableHasTheRealDefaults() throws IOException {
    MirrorTarget target = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertThat(readme)
        .contains("| `bufferBytes` | " + (target.bufferBytes() >> 20) + " MiB |")
        .contains("| `maxBodyBytes` | " + (target.maxBodyBytes() >> 20) + " MiB |")
        .contains("| `maxInFlight` | " + target.maxInFlight() + " |")
        .contains("| `maxQueueTime` | " + target.maxQueueTime().toSeconds() + " s |")
        .contains("| `connectTimeout` | " + target.connectTimeout().toSeconds() + " s |")
        .contains("| `timeout` | " + target.callTimeout().toSeconds() + " s |")
        .contains("| `maxRetries` | " + target.maxRetries() + " |")
        .contains("| `maxResponseBytes` | " + (target.maxResponseBytes() >> 10) + " KiB |")
        .contains(
            "| `dnsRefreshInterval`, `connectionTimeToLive` | "
                + target.dnsRefreshInterval().toSeconds()
                + " s, "
                + target.connectionTimeToLive().toMinutes()
                + " min |")
        .contains("| `drainTimeout` | " + target.drainTimeout().toSeconds() + " s |");
  }
}
