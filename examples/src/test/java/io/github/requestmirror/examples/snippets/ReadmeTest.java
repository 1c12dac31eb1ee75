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
import javax.xml.parsers.DocumentBuilderFactory;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The code in the README compiles, and its defaults are those of the library. */
class ReadmeTest {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final Path SNIPPETS = Path.of("src/main/java/io/github/requestmirror/examples/snippets");
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- snippet: (\\S+) -->\n```\\w+\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySnippetIsCodeThatCompiles() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<String> seen = new ArrayList<>();
    for (Matcher m = SNIPPET.matcher(readme); m.find(); ) {
      String name = m.group(1);
      Path source =
          switch (name) {
            case "web.xml" -> Path.of("src/main/webapp/WEB-INF/web.xml");
            case "application.properties" -> Path.of("src/main/spring/application.properties");
            default -> SNIPPETS.resolve(name + ".java");
          };
      assertThat(flat(Files.readString(source))).as(name).contains(flat(m.group(2)));
      seen.add(name);
    }
    assertThat(seen)
        .containsExactlyInAnyOrder(
            "JettySnippet",
            "application.properties",
            "web.xml",
            "OkHttpSnippet",
            "HttpClient5Snippet");
    Matcher code = Pattern.compile("```(java|xml|properties)\n").matcher(readme);
    assertThat(code.results().count()).as("blocks of code").isEqualTo(seen.size() + 1);
  }

  @Test
  void dependencyBlockNamesTheBomAndAModuleInIt() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String bom = Files.readString(ROOT.resolve("mirror-bom/pom.xml"));
    Matcher block =
        Pattern.compile("```xml\n(<dependencyManagement>.*?)```", Pattern.DOTALL).matcher(readme);
    assertThat(block.find()).as("dependency block").isTrue();
    for (String element : List.of("groupId", "artifactId", "version")) {
      // The first of each in the pom of the BOM is that of the BOM itself.
      assertThat(first(element, block.group(1))).as(element).isEqualTo(first(element, bom));
    }
    Matcher artifact = Pattern.compile("<artifactId>.*?</artifactId>").matcher(block.group(1));
    while (artifact.find()) {
      assertThat(bom).contains(artifact.group());
    }
  }

  private static String first(String element, String xml) {
    Matcher matcher = Pattern.compile("<" + element + ">(.*?)</" + element + ">").matcher(xml);
    assertThat(matcher.find()).as(element).isTrue();
    return matcher.group(1);
  }

  /** Removes the indentation, which differs. */
  static String flat(String code) {
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
  void limitsTableHasTheRealDefaults() throws IOException {
    MirrorTarget target = MirrorTarget.of(URI.create("http://127.0.0.1:1"));
    String readme = Files.readString(ROOT.resolve("README.md"));
    assertThat(readme)
        .contains("| `bufferBytes` | " + (target.bufferBytes() >> 20) + " MiB |")
        .contains("| `maxBodyBytes` | " + (target.maxBodyBytes() >> 20) + " MiB |")
        .contains("| `maxInFlight` | " + target.maxInFlight() + " |")
        .contains("| `maxQueueTime` | " + target.maxQueueTime().toSeconds() + " s |")
        .contains("| `connectTimeout` | " + target.connectTimeout().toSeconds() + " s |")
        .contains("| `callTimeout` | " + target.callTimeout().toSeconds() + " s |");
  }
}
