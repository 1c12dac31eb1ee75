package io.github.requestmirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeadersTest {

  @Test
  void keepsOrderRepeatsAndCaseButComparesWithoutCase() {
    Headers headers = Headers.of("B", "1", "a", "2", "b", "3");
    assertThat(headers.size()).isEqualTo(3);
    assertThat(headers.name(2)).isEqualTo("b");
    assertThat(headers.value(1)).isEqualTo("2");
    assertThat(headers.first("B")).isEqualTo("1");
    assertThat(headers.first("A")).isEqualTo("2");
    assertThat(headers.first("c")).isNull();
    assertThat(headers.values("b")).containsExactly("1", "3");
    assertThat(headers.values("c")).isEmpty();
  }

  @Test
  void toStringShowsOnlyNames() {
    assertThat(Headers.of("Authorization", "hush", "A", "b").toString())
        .isEqualTo("[Authorization, A]");
    assertThat(RequestHead.of("GET", "/", null, Headers.of("Cookie", "hush")).toString())
        .doesNotContain("hush");
  }

  @Test
  void builderGrowsAndBuiltHeadersDoNotChange() {
    Headers.Builder builder = Headers.builder(0);
    for (int i = 0; i < 40; i++) {
      builder.add("n" + i, "v" + i);
    }
    Headers first = builder.build();
    builder.add("late", "x");
    assertThat(first.size()).isEqualTo(40);
    assertThat(first.value(39)).isEqualTo("v39");
    assertThat(builder.build().first("late")).isEqualTo("x");
    assertThat(first.first("late")).isNull();
    assertThatThrownBy(() -> first.name(40)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> first.value(40)).isInstanceOf(IndexOutOfBoundsException.class);
    Headers exact = Headers.builder(1).add("a", "b").build();
    assertThat(exact.size()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway") // Callers without null checks are the point.
  void rejectsInvalidInput() {
    assertThatThrownBy(() -> Headers.of("a", "b", "c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("namesAndValues has 3 elements, must be pairs");
    assertThatThrownBy(() -> Headers.builder(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expectedSize -1 must not be negative");
    assertThatThrownBy(() -> Headers.of((String[]) null)).hasMessage("namesAndValues");
    assertThatThrownBy(() -> Headers.of(null, "v")).hasMessage("name");
    assertThatThrownBy(() -> Headers.of("n", null)).hasMessage("value");
  }
}
