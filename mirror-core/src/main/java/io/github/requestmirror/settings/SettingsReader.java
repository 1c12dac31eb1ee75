package io.github.requestmirror.settings;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the settings of one mirror: those of all targets, and those of one target each. */
final class SettingsReader {
  /** User information in front of a host; it may contain a password. */
  private static final Pattern USER = Pattern.compile("^([^/]*//)?.*@");

  private final UnaryOperator<String> label;
  private final Map<String, String> common = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> named = new TreeMap<>();

  SettingsReader(Map<String, String> values, UnaryOperator<String> label) {
    this.label = label;
    values.forEach(this::add);
  }

  private void add(String key, String value) {
    int dot = key.lastIndexOf('.');
    String setting = key.substring(dot + 1);
    Definition definition = SettingTable.ALL.get(setting);
    if (definition == null || dot == 0) {
      throw new IllegalArgumentException(
          label.apply(key) + " is unknown, must be one of " + SettingTable.ALL.names());
    }
    if (dot < 0) {
      common.put(setting, value.strip());
    } else if (definition.setting().perTarget() && !setting.equals(TargetSettings.NAME)) {
      named
          .computeIfAbsent(key.substring(0, dot), name -> new LinkedHashMap<>())
          .put(setting, value.strip());
    } else {
      throw new IllegalArgumentException(
          label.apply(key) + " is not possible for one target, must be '" + setting + "'");
    }
  }

  /** Sets what belongs to no target. */
  void configure(Mirror.Builder mirror) {
    set(common, label, Definition::mirror, mirror);
  }

  /** Returns the targets with their policies. */
  Map<MirrorTarget, MirrorPolicy> targets() {
    Map<MirrorTarget, MirrorPolicy> targets = new LinkedHashMap<>();
    for (String uri : uris()) {
      add(targets, target(uri, label), common, label);
    }
    named.forEach((name, own) -> addNamed(targets, name, own));
    return targets;
  }

  private List<String> uris() {
    String all = common.get(TargetSettings.TARGET);
    if (all == null && !named.isEmpty()) {
      return List.of();
    }
    if (all == null || all.isEmpty()) {
      throw missing(TargetSettings.TARGET);
    }
    List<String> uris = SettingText.lines(all);
    if (uris.size() > 1 && common.containsKey(TargetSettings.NAME)) {
      throw new IllegalArgumentException(
          label.apply(TargetSettings.NAME)
              + " is not possible for several targets, must be put before their settings, as in"
              + " 'second.target'");
    }
    return uris;
  }

  private void addNamed(
      Map<MirrorTarget, MirrorPolicy> targets, String name, Map<String, String> own) {
    UnaryOperator<String> ownLabel =
        setting -> label.apply(own.containsKey(setting) ? name + '.' + setting : setting);
    String uri = own.get(TargetSettings.TARGET);
    if (uri == null || uri.isEmpty()) {
      throw missing(name + '.' + TargetSettings.TARGET);
    }
    Map<String, String> values = new LinkedHashMap<>(common);
    values.remove(TargetSettings.NAME);
    if (!PolicySettings.credentials(own).isEmpty()) {
      PolicySettings.credentials(common).forEach(values::remove);
    }
    values.putAll(own);
    add(targets, target(uri, ownLabel).name(name), values, ownLabel);
  }

  private static void add(
      Map<MirrorTarget, MirrorPolicy> targets,
      MirrorTarget.Builder builder,
      Map<String, String> values,
      UnaryOperator<String> label) {
    set(values, label, Definition::target, builder);
    TargetSettings.tls(values, label, builder);
    MirrorTarget target = TargetSettings.build(builder, values, label);
    for (MirrorTarget other : targets.keySet()) {
      if (other.name().equals(target.name())) {
        throw new IllegalArgumentException(
            label.apply(TargetSettings.TARGET)
                + " = '"
                + target.uri()
                + "': the name "
                + target.name()
                + " is given twice");
      }
    }
    MirrorPolicy.Builder policy = PolicySettings.preset(values, label);
    set(values, label, Definition::policy, policy);
    targets.put(target, policy.build());
  }

  /** Selects the setter of a kind of builder. */
  private interface Kind<B> {
    @Nullable BiConsumer<B, String> setter(Definition definition);
  }

  private static <B> void set(
      Map<String, String> values, UnaryOperator<String> label, Kind<B> kind, B builder) {
    for (Definition definition : SettingTable.ALL.definitions()) {
      BiConsumer<B, String> setter = kind.setter(definition);
      String value = values.get(definition.setting().name());
      if (setter != null && value != null) {
        try {
          setter.accept(builder, value);
        } catch (IllegalArgumentException e) {
          throw definition.invalid(label.apply(definition.setting().name()), value, e);
        }
      }
    }
  }

  private IllegalArgumentException missing(String key) {
    return new IllegalArgumentException(
        label.apply(key) + " is missing, must be a base URI such as http://secondary:9009");
  }

  private static MirrorTarget.Builder target(String uri, UnaryOperator<String> label) {
    String reason;
    try {
      return MirrorTarget.builder(new URI(uri));
    } catch (URISyntaxException e) {
      reason = e.getReason() + " at index " + e.getIndex();
    } catch (IllegalArgumentException e) {
      reason = String.valueOf(e.getMessage());
    }
    String shown = USER.matcher(uri).replaceFirst("$1***@");
    // Without a cause, which may show what the mask hides.
    throw new IllegalArgumentException(
        label.apply(TargetSettings.TARGET)
            + " = '"
            + shown
            + "': "
            + reason.replace(uri, shown)
            + "; must be a base URI such as http://secondary:9009");
  }
}
