package io.github.requestmirror.settings;

import org.jspecify.annotations.Nullable;

/**
 * Describes a setting, for example for a help text. Immutable.
 *
 * @param name the name, for example {@code maxInFlight}
 * @param form the form of a value, for example {@code SIZE}
 * @param defaultValue the default, in the form of a value or in words; null if there is none
 * @param range the smallest and the largest value, for example {@code 1ms to 24h}; null if the form
 *     has none
 * @param repeatable whether a value may have several lines, each an element
 * @param perTarget whether each target may have a value of its own
 * @param secret whether a value must not be shown
 * @param effect one sentence
 */
public record Setting(
    String name,
    String form,
    @Nullable String defaultValue,
    @Nullable String range,
    boolean repeatable,
    boolean perTarget,
    boolean secret,
    String effect) {}
