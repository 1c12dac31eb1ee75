package io.github.requestmirror.internal.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Heads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTest {
  private static @Nullable Schema ofType(String type) {
    return Schema.of(
        Heads.head("POST", "/api/v1/push", "Content-Type", type, "Content-Encoding", "snappy"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          application/x-protobuf                                         | V1
          Application/X-Protobuf                                         | V1
          '  application/x-protobuf  '                                   | V1
          application/x-protobuf;proto=prometheus.WriteRequest           | V1
          application/x-protobuf; proto=prometheus.WriteRequest          | V1
          application/x-protobuf ; PROTO = "prometheus.WriteRequest"     | V1
          application/x-protobuf;proto=io.prometheus.write.v2.Request    | V2
          application/x-protobuf; proto="io.prometheus.write.v2.Request" | V2
          """)
  void readsContentType(String type, Schema expected) {
    assertThat(ofType(type)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "application/json",
        "application/protobuf",
        "application/x-protobuf, application/x-protobuf",
        "application/x-protobuf=1",
        "application/x-protobuf;charset=utf-8",
        "application/x-protobuf;proto",
        "application/x-protobuf;proto=",
        "application/x-protobuf;proto=prometheus.writerequest",
        "application/x-protobuf;proto=io.prometheus.write.v3.Request",
        "application/x-protobuf;proto=prometheus.WriteRequest;proto=io.prometheus.write.v2.Request",
        ";proto=prometheus.WriteRequest",
        ";;;,,,\"\\\"==="
      })
  void otherContentTypeIsUnknown(String type) {
    assertThat(ofType(type)).isNull();
  }

  @Test
  void withoutContentTypeItIsVersion1() {
    assertThat(Schema.of(Heads.head("POST", "/", "Content-Encoding", "snappy")))
        .isEqualTo(Schema.V1);
  }

  @Test
  void severalContentTypesAreUnknown() {
    assertThat(
            Schema.of(
                Heads.head(
                    "POST",
                    "/",
                    "Content-Encoding",
                    "snappy",
                    "Content-Type",
                    "application/x-protobuf",
                    "Content-Type",
                    "application/x-protobuf")))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"snappy", "Snappy", " SNAPPY "})
  void readsContentEncoding(String encoding) {
    assertThat(Schema.of(Heads.head("POST", "/", "content-encoding", encoding)))
        .isEqualTo(Schema.V1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "identity", "gzip", "zstd", "x-snappy-framed", "snappy, snappy"})
  void otherContentEncodingIsUnknown(String encoding) {
    assertThat(Schema.of(Heads.head("POST", "/", "Content-Encoding", encoding))).isNull();
  }

  @Test
  void withoutContentEncodingOrWithSeveralItIsUnknown() {
    assertThat(Schema.of(Heads.head("POST", "/"))).isNull();
    assertThat(
            Schema.of(
                Heads.head(
                    "POST", "/", "Content-Encoding", "snappy", "Content-Encoding", "snappy")))
        .isNull();
  }
}
