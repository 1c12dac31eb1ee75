package io.github.requestmirror.spring.boot;

import io.github.requestmirror.settings.MirrorSettings;
import io.github.requestmirror.settings.Setting;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** The names of the properties, in the canonical form of Spring Boot. */
final class PropertyNames {
  static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("requestmirror");
  static final ConfigurationPropertyName TARGETS = ROOT.append("targets");

  static final String ENABLED = "enabled";
  static final String FILTER_ORDER = "filter-order";
  static final String CLIENTS = "clients";
  static final String LOSSES_BY_SCOPE = "losses-by-scope";

  /** As in other properties of Spring Boot; for the setting "target". */
  private static final String URL = "url";

  static final String TARGET = "target";

  /** The name of a target is the key of its properties. */
  private static final String NAME = "name";

  private static final Pattern CAPITAL = Pattern.compile("([A-Z])");

  private PropertyNames() {}

  /** Returns the name of the setting for a component of {@link TargetProperties}. */
  static String setting(String component) {
    return component.equals(URL) ? TARGET : component;
  }

  /** Returns the last part of the name of the property for a setting. */
  static String property(String setting) {
    return setting.equals(TARGET)
        ? URL
        : CAPITAL.matcher(setting).replaceAll("-$1").toLowerCase(Locale.ROOT);
  }

  /** Returns the last parts of the properties that a target can have. */
  static List<String> ofTarget() {
    return MirrorSettings.all().stream()
        .filter(Setting::perTarget)
        .map(Setting::name)
        .filter(name -> !name.equals(NAME))
        .map(PropertyNames::property)
        .toList();
  }

  /** Returns the last parts of the properties of no target or of all targets. */
  static List<String> ofMirror() {
    return Stream.concat(
            Stream.of(ENABLED, FILTER_ORDER, CLIENTS, LOSSES_BY_SCOPE),
            MirrorSettings.all().stream()
                .map(Setting::name)
                .filter(name -> !name.equals(NAME) && !name.equals(TARGET))
                .map(PropertyNames::property))
        .toList();
  }

  /** Returns the names of the settings that no target can have. */
  static List<String> settingsOfMirror() {
    return MirrorSettings.all().stream()
        .filter(setting -> !setting.perTarget())
        .map(Setting::name)
        .toList();
  }
}
