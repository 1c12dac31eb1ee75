package io.github.requestmirror;

import io.github.requestmirror.internal.capture.HeapBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in the order received. Repeated fields are kept separate. Names keep their case but
 * are compared case-insensitively (RFC 9110 5.1). Immutable.
 */
public final class Headers {
  private static final Headers EMPTY = new Headers(new String[0], 0);

  /** Name, value, name, value. The builder may add elements behind the length. */
  private final String[] fields;

  private final int length;

  private Headers(String[] fields, int length) {
    this.fields = fields;
    this.length = length;
  }

  /**
   * Returns headers with the given fields.
   *
   * @param namesAndValues name, value, name, value
   * @throws IllegalArgumentException when the last value is missing
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
   * Returns an empty builder.
   *
   * @param expectedSize the initial capacity, in fields
   */
  public static Builder builder(int expectedSize) {
    return new Builder(expectedSize);
  }

  /** Returns the number of fields, repeated ones included. */
  public int size() {
    return length / 2;
  }

  /**
   * Returns the name of a field, as received.
   *
   * @param index from 0 to {@link #size()} - 1
   */
  public String name(int index) {
    return fields[2 * Objects.checkIndex(index, size())];
  }

  /**
   * Returns the value of a field, as received.
   *
   * @param index from 0 to {@link #size()} - 1
   */
  public String value(int index) {
    return fields[2 * Objects.checkIndex(index, size()) + 1];
  }

  /**
   * Returns the value of the first field with a name, or null if there is none.
   *
   * @param name the name in any case
   */
  public @Nullable String first(String name) {
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        return fields[i + 1];
      }
    }
    return null;
  }

  /**
   * Returns the values of all fields with a name, in order; empty if there are none.
   *
   * @param name the name in any case
   */
  public List<String> values(String name) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        values.add(fields[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /** Returns only the names, because values may be secret. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      names.add(name(i));
    }
    return names.toString();
  }

  /** Builds headers. Not thread-safe. */
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
     * Appends a field.
     *
     * @param name the name
     * @param value the value
     * @return this
     */
    public Builder add(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      if (length == fields.length) {
        fields = Arrays.copyOf(fields, Math.max(16, 2 * length));
      }
      fields[length++] = name;
      fields[length++] = value;
      return this;
    }

    /** Returns headers with the fields added so far. */
    public Headers build() {
      if (length == 0) {
        return EMPTY;
      }
      boolean fits = fields.length - length <= HeapBytes.UNUSED_REFERENCES;
      return new Headers(fits ? fields : Arrays.copyOf(fields, length), length);
    }
  }
}
