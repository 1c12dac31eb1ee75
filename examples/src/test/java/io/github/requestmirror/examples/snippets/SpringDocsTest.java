package io.github.requestmirror.examples.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page about Spring Boot describes the properties that are no settings. */
class SpringDocsTest {
  private static final Path METADATA =
      ReadmeTest.ROOT.resolve(
          "mirror-spring-boot-starter/src/main/resources/META-INF/spring-configuration-metadata.json");

  @Test
  void dependencyBlockNamesTheVersionOfTheReadme() throws IOException {
    Pattern management =
        Pattern.compile("<dependencyManagement>.*?</dependencyManagement>", Pattern.DOTALL);
    Matcher readme = management.matcher(Files.readString(ReadmeTest.ROOT.resolve("README.md")));
    assertThat(readme.find()).isTrue();
    assertThat(Files.readString(ReadmeTest.ROOT.resolve("docs/spring.md")))
        .contains(readme.group());
  }

  @Test
  void everyPropertyThatIsNoSettingIsDescribed() throws IOException {
    Set<String> properties =
        Pattern.compile("\"name\": \"requestmirror\\.([a-z-]+)\",\\s*\"type\"")
            .matcher(Files.readString(METADATA))
            .results()
            .map(name -> name.group(1))
            .collect(Collectors.toSet());
    for (Setting setting : MirrorSettings.all()) {
      properties.remove(setting.name().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
    assertThat(properties).contains("targets", "enabled");
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/spring.md"));
    for (String property : properties) {
      assertThat(page).containsPattern("(?m)^\\| `requestmirror\\." + property + "[`.]");
    }
  }
}
