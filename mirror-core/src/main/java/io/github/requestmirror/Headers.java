package io.github.requestmirror;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in the order of arrival: names as sent but compared without case (RFC 9110 5.1),
 * repeats kept as separate fields.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class Headers {
  private static final Headers EMPTY = new Headers(new String[0]);

  /** Name, value, name, value. */
  private final String[] fields;

  private Headers(String[] fields) {
    this.fields = fields;
  }

  /**
   * Returns headers of the given fields.
   *
   * @param namesAndValues name, value, name, value
   * @return the headers
   * @throws IllegalArgumentException when a value is missing
   */
  public static Headers of(String... namesAndValues) {
    if (Objects.requireNonNull(namesAndValues, "namesAndValues").length % 2 != 0) {
      throw new IllegalArgumentException(
          "namesAndValues has " + namesAndValues.length + " elements, must be pairs");
    }
    Builder builder = builder(namesAndValues.length / 2);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /**
   * Returns a builder.
   *
   * @param expectedSize how many fields to make room for
   * @return an empty builder
   */
  public static Builder builder(int expectedSize) {
    return new Builder(expectedSize);
  }

  /**
   * Returns the number of fields, repeats included.
   *
   * @return the number of fields
   */
  public int size() {
    return fields.length / 2;
  }

  /**
   * Returns the name of a field.
   *
   * @param index from 0 to {@link #size()} - 1
   * @return the name as sent
   */
  public String name(int index) {
    return fields[2 * index];
  }

  /**
   * Returns the value of a field.
   *
   * @param index from 0 to {@link #size()} - 1
   * @return the value as sent
   */
  public String value(int index) {
    return fields[2 * index + 1];
  }

  /**
   * Returns the first value of a header.
   *
   * @param name the name in any case
   * @return the value, or null when the header is absent
   */
  public @Nullable String first(String name) {
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        return fields[i + 1];
      }
    }
    return null;
  }

  /**
   * Returns all values of a header, one for each field.
   *
   * @param name the name in any case
   * @return the values in order; empty when the header is absent
   */
  public List<String> values(String name) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        values.add(fields[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /** Returns the names only: values may be secrets. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      names.add(name(i));
    }
    return names.toString();
  }

  /** Collects fields in order. Not safe for use by several threads. */
  public static final class Builder {
    private String[] fields;
    private int length;

    private Builder(int expectedSize) {
      if (expectedSize < 0) {
        throw new IllegalArgumentException(
            "expectedSize " + expectedSize + " must not be negative");
      }
      fields = new String[2 * expectedSize];
    }

    /**
     * Adds a field after those already there.
     *
     * @param name the name
     * @param value the value
     * @return this
     */
    public Builder add(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      if (length == fields.length) {
        fields = java.util.Arrays.copyOf(fields, Math.max(16, 2 * length));
      }
      fields[length++] = name;
      fields[length++] = value;
      return this;
    }

    /**
     * Returns the headers.
     *
     * @return headers of the fields added so far
     */
    public Headers build() {
      if (length == 0) {
        return EMPTY;
      }
      return new Headers(
          length == fields.length ? fields.clone() : java.util.Arrays.copyOf(fields, length));
    }
  }
}
