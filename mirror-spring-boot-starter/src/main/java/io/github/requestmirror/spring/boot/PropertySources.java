package io.github.requestmirror.spring.boot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/** The names and origins of the properties below {@code requestmirror}. */
final class PropertySources {
  private static final int TARGET = PropertyNames.TARGETS.getNumberOfElements();

  private final Set<ConfigurationPropertyName> ofMirror = names(PropertyNames.ofMirror());
  private final Set<ConfigurationPropertyName> ofTarget = names(PropertyNames.ofTarget());
  private final Iterable<ConfigurationPropertySource> sources;

  PropertySources(Environment environment) {
    this.sources = ConfigurationPropertySources.get(environment);
  }

  /** Names that differ in case or dashes are equal. */
  private static Set<ConfigurationPropertyName> names(List<String> names) {
    return names.stream().map(ConfigurationPropertyName::of).collect(Collectors.toSet());
  }

  /** Returns the sources without empty targets, which cannot be bound. */
  List<ConfigurationPropertySource> ofProperties() {
    List<ConfigurationPropertySource> all = new ArrayList<>();
    for (ConfigurationPropertySource source : sources) {
      all.add(source.filter(name -> !PropertyNames.TARGETS.isParentOf(name)));
    }
    return all;
  }

  /** Returns the targets by name, with the prefix of their properties. */
  Map<String, ConfigurationPropertyName> targets() {
    Map<ConfigurationPropertyName, String> found = new LinkedHashMap<>();
    for (ConfigurationPropertySource source : sources) {
      for (ConfigurationPropertyName name : namesIn(source)) {
        if (isOfTarget(name) || isEmptyTarget(source, name)) {
          // The last one counts: the environment, which cannot have dashes, comes before files.
          found.put(name.chop(TARGET + 1), name.getElement(TARGET, Form.ORIGINAL));
        }
      }
    }
    Map<String, ConfigurationPropertyName> targets = new LinkedHashMap<>();
    found.forEach((prefix, target) -> targets.put(target, prefix));
    return targets;
  }

  /**
   * Returns the properties that do not exist. System properties and the environment do not count,
   * as for Spring Boot itself: a Kubernetes service named "requestmirror" is enough for variables
   * that look like ours.
   */
  List<ConfigurationPropertyName> unknown() {
    UnboundElementsSourceFilter isChecked = new UnboundElementsSourceFilter();
    List<ConfigurationPropertyName> unknown = new ArrayList<>();
    for (ConfigurationPropertySource source : sources) {
      if (isChecked.apply(source)) {
        for (ConfigurationPropertyName name : namesIn(source)) {
          if (!isKnown(source, name) && !unknown.contains(name)) {
            unknown.add(name);
          }
        }
      }
    }
    return unknown;
  }

  /** Returns the origins of those properties that are set, as "NAME, from ORIGIN". */
  List<String> origins(List<ConfigurationPropertyName> names) {
    List<String> origins = new ArrayList<>();
    for (ConfigurationPropertyName name : names) {
      for (ConfigurationPropertySource source : sources) {
        ConfigurationProperty property = source.getConfigurationProperty(name);
        if (property != null) {
          if (property.getOrigin() != null) {
            origins.add(name + ", from " + property.getOrigin());
          }
          break;
        }
      }
    }
    return origins;
  }

  private static List<ConfigurationPropertyName> namesIn(ConfigurationPropertySource source) {
    return source instanceof IterableConfigurationPropertySource iterable
        ? iterable.stream().filter(PropertyNames.ROOT::isAncestorOf).toList()
        : List.of();
  }

  private boolean isKnown(ConfigurationPropertySource source, ConfigurationPropertyName name) {
    return isOfTarget(name)
        || isOfMirror(name)
        || isEmptyTarget(source, name)
        || (PropertyNames.TARGETS.equals(name) && isEmpty(source, name));
  }

  /** Returns whether this is a target without properties, as in YAML with all of them commented. */
  private static boolean isEmptyTarget(
      ConfigurationPropertySource source, ConfigurationPropertyName name) {
    return PropertyNames.TARGETS.isParentOf(name) && isEmpty(source, name);
  }

  private static boolean isEmpty(
      ConfigurationPropertySource source, ConfigurationPropertyName name) {
    ConfigurationProperty property = source.getConfigurationProperty(name);
    return property == null || String.valueOf(property.getValue()).isEmpty();
  }

  private boolean isOfMirror(ConfigurationPropertyName name) {
    return isKnown(name, TARGET - 1, ofMirror);
  }

  private boolean isOfTarget(ConfigurationPropertyName name) {
    return PropertyNames.TARGETS.isAncestorOf(name) && isKnown(name, TARGET + 1, ofTarget);
  }

  /** Returns whether this is the name of a property, or of an element of its list. */
  private static boolean isKnown(
      ConfigurationPropertyName name, int last, Set<ConfigurationPropertyName> known) {
    int elements = name.getNumberOfElements();
    boolean isElement = elements == last + 2 && name.isNumericIndex(last + 1);
    return (elements == last + 1 || isElement) && known.contains(name.subName(last).chop(1));
  }
}
