package io.github.requestmirror.settings;

import io.github.requestmirror.Mirror;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All settings by name, in the order in which they are applied. Immutable. */
final class SettingTable {
  static final SettingTable ALL = new SettingTable();

  private final Map<String, Definition> definitions = new LinkedHashMap<>();

  private SettingTable() {
    add(TargetSettings.definitions());
    add(PolicySettings.definitions());
    add(
        List.of(
            Definition.of(
                    "markerHeader",
                    "HEADER",
                    "X-Request-Mirror",
                    false,
                    "Header that marks a copy. Requests with it are not mirrored again.")
                .onMirror(Mirror.Builder::markerHeader),
            Definition.of(
                    "mbeanName",
                    "NAME",
                    "none; in web.xml the context path and the name of the filter",
                    false,
                    "Name of an MBean of the mirror.")
                .onMirror(Mirror.Builder::mbeanName)));
  }

  private void add(List<Definition> some) {
    for (Definition definition : some) {
      definitions.put(definition.setting().name(), definition);
    }
  }

  @Nullable Definition get(String name) {
    return definitions.get(name);
  }

  Collection<Definition> definitions() {
    return Collections.unmodifiableCollection(definitions.values());
  }

  List<Setting> settings() {
    return definitions.values().stream().map(Definition::setting).toList();
  }

  List<String> names() {
    return definitions.keySet().stream().sorted().toList();
  }
}
