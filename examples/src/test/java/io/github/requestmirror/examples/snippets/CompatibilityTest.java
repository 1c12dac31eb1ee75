package io.github.requestmirror.examples.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The versions that the page names are those that the modules of the build test. */
class CompatibilityTest {
  private static final Pattern PROPERTY =
      Pattern.compile("<([a-z0-9.-]+)\\.version>([^<$]+)</\\1\\.version>");
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  /** What a module tests, by the name of its property. */
  private static final Map<String, List<String>> TESTED =
      Map.ofEntries(
          Map.entry("testing/jetty-12.0", List.of("jetty")),
          Map.entry("testing/jetty-12.1", List.of("jetty")),
          Map.entry("testing/tomcat-10.1", List.of("tomcat")),
          Map.entry("testing/tomcat-11", List.of("tomcat")),
          Map.entry("testing/undertow-2.3", List.of("undertow")),
          Map.entry("testing/spring-boot-3.5", List.of("spring-boot")),
          Map.entry("testing/spring-boot-4.1", List.of("spring-boot")),
          Map.entry("mirror-spring-boot-starter", List.of("spring-boot")),
          Map.entry("testing/consumers", List.of("spring-boot-4.0")),
          Map.entry("testing/spring-boot-starter-4.1", List.of("spring-boot")),
          Map.entry("testing/gateways-spring", List.of("spring-boot", "spring-cloud-gateway")),
          Map.entry("testing/okhttp-5", List.of("okhttp5")),
          Map.entry(
              "testing/httpclient5-floor",
              List.of("httpclient5-floor", "httpclient5-middle", "httpcore5-floor")),
          Map.entry("mirror-okhttp", List.of("okhttp4")),
          Map.entry("mirror-httpclient5", List.of("httpclient5")),
          Map.entry("mirror-core", List.of("httpcore5", "slf4j")),
          Map.entry("testing/micrometer-floor", List.of("micrometer-floor")),
          Map.entry("mirror-micrometer", List.of("micrometer")));

  /** They test no version of something else. */
  private static final Set<String> OTHER_MODULES =
      Set.of("servlet-contract", "client-contract", "modules", "jcstress", "gateways");

  private static Map<String, String> versions(String module) throws IOException {
    Map<String, String> versions = new HashMap<>();
    for (Path pom :
        List.of(ReadmeTest.ROOT.resolve("pom.xml"), ReadmeTest.ROOT.resolve(module + "/pom.xml"))) {
      Matcher property = PROPERTY.matcher(Files.readString(pom));
      while (property.find()) {
        versions.put(property.group(1), property.group(2));
      }
    }
    return versions;
  }

  @Test
  void pageNamesTheTestedVersionsAndNoOthers() throws IOException {
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/compatibility.md"));
    for (Map.Entry<String, List<String>> module : TESTED.entrySet()) {
      Map<String, String> versions = versions(module.getKey());
      Set<String> tested = new TreeSet<>();
      for (String name : module.getValue()) {
        tested.add(versions.getOrDefault(name, name + " is missing"));
      }
      Set<String> named = new TreeSet<>();
      for (String row : page.lines().toList()) {
        if (row.endsWith("| `" + module.getKey() + "` |")) {
          Matcher version = Pattern.compile("\\d+\\.\\d+\\.\\d+(\\.Final)?").matcher(row);
          while (version.find()) {
            named.add(version.group());
          }
        }
      }
      assertThat(named).as(module.getKey()).isEqualTo(tested);
    }
  }

  @Test
  void everyModuleOfTheMatrixIsOnThePage() throws IOException {
    Set<String> modules = new TreeSet<>();
    Matcher module = MODULE.matcher(Files.readString(ReadmeTest.ROOT.resolve("testing/pom.xml")));
    while (module.find()) {
      if (!OTHER_MODULES.contains(module.group(1))) {
        modules.add("testing/" + module.group(1));
      }
    }
    assertThat(TESTED.keySet()).containsAll(modules);
  }
}
