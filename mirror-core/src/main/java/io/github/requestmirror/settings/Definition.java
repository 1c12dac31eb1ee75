package io.github.requestmirror.settings;

import io.github.requestmirror.Mirror;
import io.github.requestmirror.MirrorPolicy;
import io.github.requestmirror.MirrorTarget;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A setting and what it does.
 *
 * @param setting the description
 * @param expected what is valid, if form and range say all about it; otherwise null, and the
 *     exceptions of the setters say it
 * @param target sets a value of a target; null if the setting is another one
 * @param policy sets a value of a policy; null if the setting is another one
 * @param mirror sets a value of the mirror; null if the setting is another one
 */
record Definition(
    Setting setting,
    @Nullable String expected,
    @Nullable BiConsumer<MirrorTarget.Builder, String> target,
    @Nullable BiConsumer<MirrorPolicy.Builder, String> policy,
    @Nullable BiConsumer<Mirror.Builder, String> mirror) {

  /** The forms with a range. */
  enum Quantity {
    N("a whole number"),
    SIZE("a size such as 65536, 64KiB or 16MiB,"),
    TIME("a duration such as 500ms, 15s or 1m,"),
    NUMBER("a number");

    private final String words;

    Quantity(String words) {
      this.words = words;
    }
  }

  /** Defines a setting in a form without a range. It has no effect before an {@code on} method. */
  static Definition of(
      String name, String form, @Nullable String defaultValue, boolean repeatable, String effect) {
    return new Definition(
        new Setting(name, form, defaultValue, null, repeatable, true, false, effect),
        null,
        null,
        null,
        null);
  }

  static Definition of(
      String name, Quantity form, String defaultValue, String range, String effect) {
    return new Definition(
        new Setting(name, form.name(), defaultValue, range, false, true, false, effect),
        "must be " + form.words + " from " + range,
        null,
        null,
        null);
  }

  /**
   * Returns an exception that names the setting, its value unless that is secret, and the reason.
   */
  IllegalArgumentException invalid(String label, String value, IllegalArgumentException cause) {
    String reason = expected == null ? String.valueOf(cause.getMessage()) : expected;
    return setting.secret()
        ? new IllegalArgumentException(label + ": " + reason)
        : new IllegalArgumentException(label + " = '" + value + "': " + reason, cause);
  }

  Definition asSecret() {
    return new Definition(described(setting.perTarget(), true), expected, target, policy, mirror);
  }

  Definition onTarget(BiConsumer<MirrorTarget.Builder, String> setter) {
    return new Definition(setting, expected, setter, null, null);
  }

  Definition onPolicy(BiConsumer<MirrorPolicy.Builder, String> setter) {
    return new Definition(setting, expected, null, setter, null);
  }

  Definition onMirror(BiConsumer<Mirror.Builder, String> setter) {
    return new Definition(described(false, setting.secret()), expected, null, null, setter);
  }

  private Setting described(boolean perTarget, boolean secret) {
    return new Setting(
        setting.name(),
        setting.form(),
        setting.defaultValue(),
        setting.range(),
        setting.repeatable(),
        perTarget,
        secret,
        setting.effect());
  }
}
