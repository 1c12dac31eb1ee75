package io.github.requestmirror.spring.boot;

import io.github.requestmirror.settings.MirrorSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * The properties of the mirror. Targets and settings are bound one by one: a map of
 * {@code @ConfigurationProperties} would take {@code cortex-2} of a file and {@code CORTEX2} of the
 * environment, which overrides it, for two targets, and send each copy twice.
 */
final class MirrorProperties {
  /** As in {@code MirrorMetrics}, which is not here without Micrometer. */
  private static final int MAX_SCOPES = 50;

  private final PropertySources sources;
  private final Binder binder;
  private final Map<String, ConfigurationPropertyName> targets;

  private MirrorProperties(Environment environment) {
    this.sources = new PropertySources(environment);
    this.binder =
        new Binder(sources.ofProperties(), new PropertySourcesPlaceholdersResolver(environment));
    this.targets = sources.targets();
  }

  /**
   * Reads the names of the targets.
   *
   * @param environment read again by each of the methods
   */
  static MirrorProperties of(Environment environment) {
    return new MirrorProperties(environment);
  }

  /** Returns the names of the targets. */
  Set<String> targets() {
    return targets.keySet();
  }

  /** Returns whether the application starts with mirroring switched on. */
  boolean enabled() {
    return binder.bind(name(PropertyNames.ENABLED), Bindable.of(Boolean.class)).orElse(true);
  }

  /** Returns the order of the filter. */
  int filterOrder(int byDefault) {
    return binder
        .bind(name(PropertyNames.FILTER_ORDER), Bindable.of(Integer.class))
        .orElse(byDefault);
  }

  /** Returns the names of the beans whose requests are mirrored. */
  Set<String> clients() {
    return new LinkedHashSet<>(
        binder.bind(name(PropertyNames.CLIENTS), Bindable.listOf(String.class)).orElse(List.of()));
  }

  /**
   * Returns how many scopes the metrics show by name.
   *
   * @throws InvalidMirrorPropertyException when the number is out of range
   */
  int lossesByScope() {
    ConfigurationPropertyName name = name(PropertyNames.LOSSES_BY_SCOPE);
    int scopes = binder.bind(name, Bindable.of(Integer.class)).orElse(0);
    if (scopes < 0 || scopes > MAX_SCOPES) {
      throw new InvalidMirrorPropertyException(
          name + " = '" + scopes + "': must be a whole number from 0 to " + MAX_SCOPES,
          sources.origins(List.of(name)),
          null);
    }
    return scopes;
  }

  /**
   * Fails if a property below {@code requestmirror} does not exist, or one that is no setting is
   * wrong, also if the application has no use for it.
   *
   * @throws InvalidMirrorPropertyException with the names of the properties
   */
  void requireValid() {
    requireKnown();
    enabled();
    filterOrder(0);
    clients();
    lossesByScope();
  }

  private void requireKnown() {
    List<ConfigurationPropertyName> unknown = sources.unknown();
    if (!unknown.isEmpty()) {
      throw new InvalidMirrorPropertyException(
          "unknown: " + String.join(", ", unknown.stream().map(String::valueOf).toList()),
          sources.origins(unknown),
          null);
    }
  }

  /**
   * Returns the settings.
   *
   * @throws InvalidMirrorPropertyException when a property is missing or wrong
   */
  MirrorSettings settings() {
    Map<String, String> values = new LinkedHashMap<>(bind(PropertyNames.ROOT));
    // Targets have names here. This can only be from the environment.
    values.remove(PropertyNames.TARGET);
    for (String setting : PropertyNames.settingsOfMirror()) {
      binder
          .bind(name(PropertyNames.property(setting)), Bindable.of(String.class))
          .ifBound(value -> values.put(setting, value));
    }
    targets.forEach(
        (target, name) -> {
          // So that a target without properties is not overlooked.
          values.put(target + '.' + PropertyNames.TARGET, "");
          bind(name).forEach((setting, value) -> values.put(target + '.' + setting, value));
        });
    List<ConfigurationPropertyName> named = new ArrayList<>();
    try {
      return MirrorSettings.parse(
          values,
          setting -> {
            // Only for a message.
            ConfigurationPropertyName property = property(setting);
            named.add(property);
            return property.toString();
          });
    } catch (IllegalArgumentException e) {
      throw new InvalidMirrorPropertyException(
          String.valueOf(e.getMessage()), sources.origins(named), e);
    }
  }

  private Map<String, String> bind(ConfigurationPropertyName name) {
    return binder
        .bind(name, Bindable.of(TargetProperties.class))
        .map(TargetProperties::settings)
        .orElse(Map.of());
  }

  private ConfigurationPropertyName property(String setting) {
    int dot = setting.lastIndexOf('.');
    ConfigurationPropertyName parent =
        dot < 0
            ? PropertyNames.ROOT
            : targets.getOrDefault(setting.substring(0, dot), PropertyNames.TARGETS);
    return parent.append(PropertyNames.property(setting.substring(dot + 1)));
  }

  private static ConfigurationPropertyName name(String last) {
    return PropertyNames.ROOT.append(last);
  }
}
