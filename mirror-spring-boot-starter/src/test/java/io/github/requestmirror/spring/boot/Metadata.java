package io.github.requestmirror.spring.boot;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the metadata of the properties, which editors read for completion. */
final class Metadata {
  private static final Set<String> WITHOUT_PROPERTY = Set.of("name", "target");

  /** The values of the forms that have few. */
  static final Map<String, List<String>> VALUES =
      Map.of(
          "WHAT", List.of("writes", "all", "custom"),
          "ORDER", List.of("causal", "fifo", "none"),
          "CONTEXT", List.of("drop", "unsampled", "keep"),
          "CLASSES", List.of("2", "3", "4", "5"));

  private Metadata() {}

  static String json() {
    List<String> properties = new ArrayList<>();
    properties.add(
        property(
            "targets",
            "java.util.Map<java.lang.String," + TargetProperties.class.getName() + ">",
            "Targets by name. Each has a url, and may have values of its own for the properties"
                + " below requestmirror.",
            null));
    properties.add(
        property(
            PropertyNames.ENABLED,
            "java.lang.Boolean",
            "Whether requests are mirrored from the start. The endpoint changes it.",
            "true"));
    properties.add(
        property(
            PropertyNames.FILTER_ORDER,
            "java.lang.Integer",
            "Order of the filter; that of Spring Security is -100.",
            String.valueOf(MirrorFilterAutoConfiguration.DEFAULT_ORDER)));
    properties.add(
        property(
            PropertyNames.CLIENTS,
            "java.util.List<java.lang.String>",
            "Names of the beans of HTTP clients whose requests are mirrored, instead of those that"
                + " the application receives.",
            null));
    properties.add(
        property(
            PropertyNames.LOSSES_BY_SCOPE,
            "java.lang.Integer",
            "Number of scopes (by default tenants) that lose most, whose losses the metrics show"
                + " by name. From 0 to 50.",
            "0"));
    for (Setting setting : MirrorSettings.all()) {
      if (!WITHOUT_PROPERTY.contains(setting.name())) {
        properties.add(
            property(
                PropertyNames.property(setting.name()),
                type(setting),
                description(setting),
                defaultValue(setting)));
      }
    }
    return "{\n  \"properties\": ["
        + String.join(",", properties)
        + "\n  ],\n  \"hints\": ["
        + MirrorSettings.all().stream()
            .filter(setting -> VALUES.containsKey(setting.form()))
            .map(Metadata::hint)
            .collect(Collectors.joining(","))
        + "\n  ]\n}\n";
  }

  private static String property(
      String name, String type, String description, @Nullable String defaultValue) {
    String quotes = Set.of("true", "false").contains(String.valueOf(defaultValue)) ? "" : "\"";
    return ("\n    {\n      \"name\": \"requestmirror." + name + "\",")
        + ("\n      \"type\": \"" + type + "\",")
        + ("\n      \"description\": \"" + description + "\"")
        + (defaultValue == null
            ? ""
            : ",\n      \"defaultValue\": " + quotes + defaultValue + quotes)
        + "\n    }";
  }

  private static String hint(Setting setting) {
    return "\n    {\n      \"name\": \"requestmirror."
        + PropertyNames.property(setting.name())
        + "\",\n      \"values\": ["
        + VALUES.getOrDefault(setting.form(), List.of()).stream()
            .map(value -> "{\"value\": \"" + value + "\"}")
            .collect(Collectors.joining(", "))
        + "]\n    }";
  }

  static String type(Setting setting) {
    if (setting.repeatable() && !WITHOUT_PROPERTY.contains(setting.name())) {
      return "java.util.List<java.lang.String>";
    }
    return switch (setting.form()) {
      case "N" -> "java.lang.Integer";
      case "NUMBER" -> "java.lang.Double";
      case "SIZE" -> "org.springframework.util.unit.DataSize";
      case "TIME" -> "java.time.Duration";
      case "true|false" -> "java.lang.Boolean";
      default -> "java.lang.String";
    };
  }

  private static String description(Setting setting) {
    String description = setting.effect();
    if (setting.range() != null) {
      description += " From " + springBoot(setting.range()) + ".";
    }
    String words = setting.defaultValue();
    if (words != null && defaultValue(setting) == null) {
      description += " Default: " + words + ".";
    }
    return description.replace("\"", "\\\"");
  }

  /** Returns the default if it is a value, not words. */
  private static @Nullable String defaultValue(Setting setting) {
    String value = setting.defaultValue();
    return value == null || value.contains(" ") ? null : springBoot(value);
  }

  /** Units as in a DataSize. */
  private static String springBoot(String text) {
    return text.replaceAll("(\\d[KMG])iB", "$1B");
  }
}
