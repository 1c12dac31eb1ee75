package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({"0,0", "1048576,1048576", "3KiB,3072", "16MiB,16777216", "2GiB,2147483648"})
  void size(String text, long bytes) {
    assertThat(new Quantity.Size().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12q", "1MB", "-1", "1.5MiB", " 1", "1kib", "9999999999999999999"})
  void invalidSize(String text) {
    assertThatThrownBy(() -> new Quantity.Size().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void sizeBeyondLong() {
    assertThatThrownBy(() -> new Quantity.Size().convert("99999999999999GiB"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("too large");
  }

  @ParameterizedTest
  @CsvSource({"500ms,500", "15s,15000", "1m,60000", "2h,7200000", "0s,0"})
  void duration(String text, long millis) {
    assertThat(new Quantity.Time().convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "15", "1 s", "-1s", "1.5s", "PT1S", "1d", "9999999999999s"})
  void invalidDuration(String text) {
    assertThatThrownBy(() -> new Quantity.Time().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void invalidUrl_messageHidesPassword() {
    assertThatThrownBy(() -> new Quantity.Url().convert("http://user:secret@a b"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'http://***@a b'");
  }
}
