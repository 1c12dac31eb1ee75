package io.github.requestmirror.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Properties and their metadata are those of the table of settings. */
class PropertiesAndSettingsTest {
  private static final String METADATA = "META-INF/spring-configuration-metadata.json";

  @Test
  void targetsHaveAPropertyForEachSetting_inTheTypeOfItsForm() {
    Map<String, String> expected = new TreeMap<>();
    for (Setting setting : MirrorSettings.all()) {
      if (setting.perTarget() && !setting.name().equals("name")) {
        expected.put(setting.name(), Metadata.type(setting));
      }
    }
    Map<String, String> components = new TreeMap<>();
    for (RecordComponent component : TargetProperties.class.getRecordComponents()) {
      components.put(
          PropertyNames.setting(component.getName()), component.getGenericType().getTypeName());
    }
    assertThat(components).isEqualTo(expected);
  }

  @Test
  void metadataDescribesEachSetting() throws IOException {
    String expected = Metadata.json();
    Path file = Path.of("target", METADATA);
    Files.createDirectories(file.getParent());
    Files.writeString(file, expected);
    assertThat(resources().contains(expected))
        .as("src/main/resources/%s is a copy of %s", METADATA, file.toAbsolutePath())
        .isTrue();
  }

  @Test
  void valuesInTheMetadataAreValid() {
    for (Setting setting : MirrorSettings.all()) {
      for (String value : Metadata.VALUES.getOrDefault(setting.form(), List.of())) {
        assertThat(
                MirrorSettings.parse(Map.of("target", "http://h", setting.name(), value)).targets())
            .hasSize(1);
      }
    }
  }

  private List<String> resources() throws IOException {
    List<String> contents = new ArrayList<>();
    for (URL url : Collections.list(getClass().getClassLoader().getResources(METADATA))) {
      try (InputStream in = url.openStream()) {
        contents.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return contents;
  }
}
