package io.github.requestmirror.gateway;

import io.github.requestmirror.settings.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The settings that the command line and the environment give, and which of the two gives each. */
final class GivenSettings {
  private static final String PREFIX = GatewayCommand.variable("");

  /**
   * What Kubernetes sets for a service named {@code mirror-gateway}, in the form of Docker links.
   */
  private static final Pattern OF_SERVICE = Pattern.compile(PREFIX + "(SERVICE_.*|PORT(_.*)?)");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<String, String> labels = new HashMap<>();

  private GivenSettings() {}

  static GivenSettings of(CommandLine.ParseResult arguments, Map<String, String> environment) {
    GivenSettings given = new GivenSettings();
    for (Setting setting : GatewayCommand.settings()) {
      String option = GatewayCommand.option(setting.name());
      if (arguments.hasMatchedOption(option)) {
        OptionSpec matched = arguments.matchedOption(option);
        given.add(setting.name(), matched.originalStringValues(), option);
      }
    }
    given.addVariables(environment);
    return given;
  }

  private void addVariables(Map<String, String> environment) {
    Map<String, String> names = new LinkedHashMap<>();
    GatewayCommand.settings()
        .forEach(setting -> names.put(GatewayCommand.variable(setting.name()), setting.name()));
    environment.forEach(
        (variable, value) -> {
          String name = names.get(variable);
          if (name != null && !value.isEmpty()) {
            add(name, value.lines().toList(), variable);
          } else if (name == null
              && variable.startsWith(PREFIX)
              && !OF_SERVICE.matcher(variable).matches()) {
            throw new IllegalArgumentException(
                variable + " is unknown, must be one of " + names.keySet());
          }
        });
  }

  private void add(String name, List<String> lines, String label) {
    if (!name.equals(GatewayCommand.SET)) {
      put(name, String.join("\n", lines), label);
      return;
    }
    Map<String, List<String>> ofTargets = new LinkedHashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (line.lastIndexOf('.', equals) < 1) {
        // Without the value, which may be secret.
        String start = line.substring(0, Math.max(0, equals));
        throw new IllegalArgumentException(
            label + " '" + start + "' must have the form NAME.SETTING=VALUE");
      }
      ofTargets
          .computeIfAbsent(line.substring(0, equals).strip(), key -> new ArrayList<>())
          .add(line.substring(equals + 1));
    }
    ofTargets.forEach((key, all) -> put(key, String.join("\n", all), label + " " + key));
  }

  private void put(String name, String value, String label) {
    if (values.putIfAbsent(name, value) == null) {
      labels.put(name, label);
    }
  }

  /** Removes and returns a value, or returns null. */
  @Nullable String take(String name) {
    return values.remove(name);
  }

  /** Returns the values that have not been taken. */
  Map<String, String> others() {
    return values;
  }

  /** Returns what messages call a setting: the option or the variable that gives it. */
  String label(String name) {
    String byDefault =
        name.indexOf('.') < 0
            ? GatewayCommand.option(name)
            : GatewayCommand.option(GatewayCommand.SET) + " " + name;
    return labels.getOrDefault(name, byDefault);
  }

  IllegalArgumentException invalid(String name, String value, String expected) {
    return new IllegalArgumentException(label(name) + " = '" + value + "': " + expected);
  }
}
