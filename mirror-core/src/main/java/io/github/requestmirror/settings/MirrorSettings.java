package io.github.requestmirror.settings;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * The settings of a mirror in the form of text, for {@code web.xml}, command lines, environment
 * variables and property files. Immutable.
 *
 * <p>Without the name of a target, a setting is that of all targets. {@code target} is the base URI
 * of a target, or several on lines of their own. With the name of a target and a dot before it, a
 * setting is that of this target, and replaces that of all targets:
 *
 * <pre>
 * target = http://secondary:9009
 * maxRetries = 3
 * archive.target = https://archive.example
 * archive.match = all
 * archive.maxRetries = 0
 * </pre>
 *
 * <p>Sizes are written {@code 65536}, {@code 64KiB}, {@code 16MiB} or {@code 1GiB}, durations
 * {@code 500ms}, {@code 15s}, {@code 1m} or {@code 1h}. Files are read when the settings are
 * parsed.
 */
public final class MirrorSettings {
  private final Map<MirrorTarget, MirrorPolicy> targets;
  private final SettingsReader reader;

  private MirrorSettings(SettingsReader reader) {
    this.reader = reader;
    this.targets = reader.targets();
    reader.configure(Mirror.builder());
  }

  /**
   * Parses settings.
   *
   * @param values the settings by name
   * @return the settings
   * @throws IllegalArgumentException when a setting is missing, unknown or wrong; the message names
   *     the setting, its value unless that may be secret, and what is valid
   */
  public static MirrorSettings parse(Map<String, String> values) {
    return parse(values, name -> "'" + name + "'");
  }

  /**
   * Parses settings.
   *
   * @param values the settings by name
   * @param label returns what a message calls a setting, for example the option of a command line
   * @return the settings
   * @throws IllegalArgumentException as {@link #parse(Map)}
   */
  public static MirrorSettings parse(Map<String, String> values, UnaryOperator<String> label) {
    return new MirrorSettings(
        new SettingsReader(
            Objects.requireNonNull(values, "values"), Objects.requireNonNull(label, "label")));
  }

  /** Returns descriptions of all settings. */
  public static List<Setting> all() {
    return SettingTable.ALL.settings();
  }

  /**
   * Parses a duration in the form of the settings, for the settings of a program that uses the
   * mirror.
   *
   * @param text for example {@code 15s}
   * @return the duration
   * @throws IllegalArgumentException when the text is not a duration; the message says what is
   */
  public static Duration duration(String text) {
    return SettingText.duration(text);
  }

  /** Returns the targets. */
  public List<MirrorTarget> targets() {
    return List.copyOf(targets.keySet());
  }

  /**
   * Returns the policy of a target.
   *
   * @param target one of {@link #targets()}
   * @throws IllegalArgumentException when it is another one
   */
  public MirrorPolicy policy(MirrorTarget target) {
    MirrorPolicy policy = targets.get(target);
    if (policy == null) {
      throw new IllegalArgumentException("target '" + target.name() + "' is not one of these");
    }
    return policy;
  }

  /** Returns a builder for a mirror with these settings. */
  public Mirror.Builder toMirror() {
    Mirror.Builder mirror = Mirror.builder();
    targets.forEach(mirror::target);
    reader.configure(mirror);
    return mirror;
  }

  /** Returns all targets and policies, without secrets. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    targets.forEach((target, policy) -> lines.add(target + " " + policy));
    return String.join("\n", lines);
  }
}
