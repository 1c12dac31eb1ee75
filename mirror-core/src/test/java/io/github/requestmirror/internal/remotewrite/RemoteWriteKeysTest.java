package io.github.requestmirror.internal.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DynamicMessage;
import io.github.requestmirror.RequestHead;
import io.github.requestmirror.testing.Heads;
import io.github.requestmirror.testing.HttpMessage;
import io.github.requestmirror.testing.RecordedRequests;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RemoteWriteKeysTest {
  private static final long SEED = 42;
  private static final RemoteWriteKeys KEYS = new RemoteWriteKeys(SEED);

  private static final List<String> LABELS = List.of("__name__", "up", "job", "shop");

  static RequestHead head(Schema schema) {
    String parameter = schema == Schema.V1 ? "" : ";proto=io.prometheus.write.v2.Request";
    return Heads.head(
        "POST",
        "/api/v1/push",
        "Content-Encoding",
        "snappy",
        "Content-Type",
        "application/x-protobuf" + parameter);
  }

  private static @Nullable List<Long> keys(RequestHead head, byte[] body) throws IOException {
    List<Long> keys = new ArrayList<>();
    return KEYS.keys(head, new ByteArrayInputStream(body), keys::add) ? keys : null;
  }

  /** Returns the keys of a message, or null if they are unknown. */
  private static @Nullable List<Long> keys(Schema schema, byte[] message) throws IOException {
    return keys(head(schema), Messages.compressed(message));
  }

  private static @Nullable List<Long> keys(Schema schema, ProtoWriter message) throws IOException {
    return keys(schema, message.toByteArray());
  }

  private static List<Long> keysOf(List<String> labels) throws IOException {
    return Objects.requireNonNull(keys(Schema.V1, Messages.of(Schema.V1, List.of(labels))));
  }

  private static @Nullable List<Long> oracle(Schema schema, byte[] body) {
    byte[] message = Objects.requireNonNull(Oracle.decode(body));
    DynamicMessage parsed = Objects.requireNonNull(Oracle.parse(schema, message));
    return new Oracle(SEED).keys(schema, parsed);
  }

  private static ProtoWriter label(String name, String value) {
    return new ProtoWriter().string(1, name).string(2, value);
  }

  @Test
  void readsBodiesOfPrometheus() throws IOException {
    List<HttpMessage> requests = new ArrayList<>(RecordedRequests.small());
    requests.addAll(RecordedRequests.large().subList(0, 10));
    Set<Integer> sizes = new TreeSet<>();
    for (HttpMessage request : requests) {
      List<Long> keys = keys(Heads.of(request), request.body());
      assertThat(keys).isNotNull().isEqualTo(oracle(Schema.V1, request.body()));
      sizes.add(keys.size());
    }
    // Those without keys are metadata.
    assertThat(sizes).containsExactly(0, 50, 2000);
  }

  @Test
  void readsBodiesOfBothVersionsFromOnePrometheus() throws IOException {
    Set<Long> version1 = new HashSet<>();
    for (HttpMessage request : RecordedRequests.version1()) {
      List<Long> keys = keys(Heads.of(request), request.body());
      assertThat(keys).isNotNull().isEqualTo(oracle(Schema.V1, request.body()));
      version1.addAll(keys);
    }
    Set<Long> version2 = new HashSet<>();
    Set<Integer> fields = new TreeSet<>();
    for (HttpMessage request : RecordedRequests.version2()) {
      List<Long> keys = keys(Heads.of(request), request.body());
      assertThat(keys).isNotNull().isNotEmpty().isEqualTo(oracle(Schema.V2, request.body()));
      version2.addAll(keys);
      fields.addAll(fieldsOfSeries(request.body()));
    }
    // Samples, histograms, exemplars, metadata.
    assertThat(fields).contains(2, 3, 4, 5);
    Set<Long> both = new HashSet<>(version1);
    both.retainAll(version2);
    assertThat(both.size())
        .as("of %s and %s keys", version1.size(), version2.size())
        .isGreaterThan(9 * Math.max(version1.size(), version2.size()) / 10);
  }

  /** Returns which fields the series of a body have, except for their labels. */
  private static Set<Integer> fieldsOfSeries(byte[] body) {
    DynamicMessage request =
        Objects.requireNonNull(
            Oracle.parse(Schema.V2, Objects.requireNonNull(Oracle.decode(body))));
    Set<Integer> fields = new TreeSet<>();
    for (DynamicMessage series : Oracle.messages(request, 5)) {
      fields.addAll(series.getUnknownFields().asMap().keySet());
    }
    return fields;
  }

  @Test
  void zstdIsUnknown() throws IOException {
    HttpMessage request = RecordedRequests.zstd();
    assertThat(keys(Heads.of(request), request.body())).isNull();
    assertThat(keys(head(Schema.V1), request.body())).isNull();
  }

  @Test
  void sameLabelsHaveTheSameKeyInBothVersions() throws IOException {
    for (long seed = 0; seed < 200; seed++) {
      List<List<String>> series = new RandomMessages(new Random(seed)).series();
      List<Long> keys = keys(Schema.V1, Messages.of(Schema.V1, series));
      assertThat(keys).as("seed %s", seed).hasSize(series.size());
      assertThat(keys(Schema.V2, Messages.of(Schema.V2, series)))
          .as("seed %s", seed)
          .isEqualTo(keys);
    }
  }

  @Test
  void everyLabelAndItsPlaceIsPartOfTheKey() throws IOException {
    List<Long> keys = new ArrayList<>(keysOf(LABELS));
    keys.addAll(keysOf(List.of("job", "shop", "__name__", "up")));
    keys.addAll(keysOf(List.of("__name__", "up", "job", "shops")));
    keys.addAll(keysOf(List.of("__name__", "up", "jobs", "shop")));
    keys.addAll(keysOf(List.of("__name__", "up")));
    keys.addAll(keysOf(List.of("__name__", "up", "job", "shop", "", "")));
    assertThat(keys).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void instancesOfOneJvmHaveTheSameKeys() throws IOException {
    InputStream body =
        new ByteArrayInputStream(Messages.compressed(Messages.of(Schema.V1, List.of(LABELS))));
    body.mark(0);
    List<Long> keys = new ArrayList<>();
    assertThat(new RemoteWriteKeys().keys(head(Schema.V1), body, keys::add)).isTrue();
    body.reset();
    assertThat(new RemoteWriteKeys().keys(head(Schema.V1), body, keys::add)).isTrue();
    assertThat(keys).hasSize(2);
    assertThat(keys.get(0)).isEqualTo(keys.get(1)).isNotEqualTo(keysOf(LABELS).get(0));
  }

  @Test
  void samplesMayBeBeforeAndBetweenLabels() throws IOException {
    ProtoWriter series =
        new ProtoWriter()
            .message(2, new ProtoWriter().fixed64(1, 1).varint(2, 2))
            .message(1, label("__name__", "up"))
            .varint(6, 3)
            .fixed32(7, 4)
            .fixed64(8, 5)
            .message(1, label("job", "shop"))
            .bytes(4, new byte[200]);
    assertThat(keys(Schema.V1, new ProtoWriter().message(1, series))).isEqualTo(keysOf(LABELS));
  }

  @Test
  void ofRepeatedPartsOfALabelTheLastOneCounts() throws IOException {
    ProtoWriter series =
        new ProtoWriter()
            .message(1, new ProtoWriter().string(2, "up").string(1, "__name__"))
            .message(
                1,
                new ProtoWriter()
                    .string(2, "other")
                    .string(1, "another")
                    .string(2, "shop")
                    .string(1, "job"));
    assertThat(keys(Schema.V1, new ProtoWriter().message(1, series))).isEqualTo(keysOf(LABELS));
  }

  @Test
  void missingPartOfALabelIsEmpty() throws IOException {
    ProtoWriter series =
        new ProtoWriter()
            .message(1, new ProtoWriter().string(1, "job"))
            .message(1, new ProtoWriter().string(2, "shop"))
            .message(1, new ProtoWriter());
    assertThat(keys(Schema.V1, new ProtoWriter().message(1, series)))
        .isEqualTo(keysOf(List.of("job", "", "", "shop", "", "")));
  }

  @Test
  void metadataAndOptionsHaveNoKeys() throws IOException {
    ProtoWriter message =
        new ProtoWriter()
            .string(3, "metadata")
            .varint(2, 1)
            .varint(1000, 1)
            .varint(1001, 0)
            .message(1, new ProtoWriter().message(1, label("__name__", "up")))
            .string(3, "metadata");
    assertThat(keys(Schema.V1, message)).isEqualTo(keysOf(List.of("__name__", "up")));
    assertThat(keys(Schema.V1, new ProtoWriter().string(3, "metadata"))).isEmpty();
    assertThat(keys(Schema.V1, new ProtoWriter())).isEmpty();
    assertThat(keys(Schema.V2, new ProtoWriter())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "V1, 4", "V1, 5", "V1, 6", "V1, 999", "V1, 1002", "V1, 536870911", //
    "V2, 1", "V2, 2", "V2, 3", "V2, 6", "V2, 1000", "V2, 536870911"
  })
  void otherFieldOfTheRequestMakesItUnknown(Schema schema, int number) throws IOException {
    byte[] known = Messages.of(schema, List.of(LABELS));
    assertThat(keys(schema, known)).isNotNull();
    for (ProtoWriter other :
        List.of(
            new ProtoWriter().bytes(number, new byte[0]),
            new ProtoWriter().varint(number, 0),
            new ProtoWriter().fixed32(number, 0),
            new ProtoWriter().fixed64(number, 0),
            new ProtoWriter().group(number))) {
      byte[] field = other.toByteArray();
      // The last of two equal fields would do for scalar ones of a known number.
      assertThat(keys(schema, concat(known, field))).isNull();
      assertThat(keys(schema, concat(field, known))).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource
  void bodyOfTheOtherVersionIsUnknown(Schema schema) throws IOException {
    Schema other = schema == Schema.V1 ? Schema.V2 : Schema.V1;
    assertThat(keys(schema, Messages.of(other, List.of(LABELS)))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "tag is cut, 8a",
    "field 0, 0200",
    "field 0 in a series, 0a020200",
    "tag of 33 bits, 8a8080801000",
    "series without length, 0a",
    "series is cut, 0a020a",
    "series of 2 GiB, 0affffffff07",
    "series of negative length, 0affffffffffffffffff01",
    "metadata whose length leads back to its start, 1af5ffffffffffffffff01",
    "length of eleven bytes, 0a8080808080808080808000",
    "length of 65 bits, 0a80808080808080808002",
    "label longer than its series, 0a020a010a00",
    "name longer than its label, 0a040a020a05",
    "value longer than its label, 0a040a021205",
    "series that is a number, 0800",
    "series that is a fixed number, 0900000000000000000d00000000",
    "series that is a group, 0b0c",
    "metadata that is a number, 1800",
    "source that is a string, 1200",
    "label that is a number, 0a020800",
    "label that is a group, 0a020b0c",
    "name that is a number, 0a040a020800",
    "value that is a number, 0a040a021000",
    "label with another field, 0a040a021a00",
    "sample that is a group, 0a021314",
    "end of a group, 0a0114",
    "wire type 6, 0a0116",
    "wire type 7, 0a0117",
    "number in a series is cut, 0a0210ff",
    "number in a series of eleven bytes, 0a0c10ffffffffffffffffffff01",
    "four bytes are cut, 0a0415000000",
    "eight bytes are cut, 0a081100000000000000"
  })
  @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
  void malformedVersion1IsUnknown(String what, String message) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(message);
    assertThat(keys(Schema.V1, bytes)).as(what).isNull();
    byte[] valid = Messages.of(Schema.V1, List.of(LABELS));
    assertThat(keys(Schema.V1, concat(valid, bytes))).as(what).isNull();
    assertThat(keys(Schema.V1, concat(bytes, valid))).as(what).isNull();
  }

  @Test
  void symbolsMayFollowTheSeries() throws IOException {
    ProtoWriter message =
        new ProtoWriter()
            .string(4, "")
            .string(4, "shop")
            .message(5, new ProtoWriter().bytes(1, new byte[] {4, 3, 2, 1}))
            .string(4, "job")
            .string(4, "up")
            .string(4, "__name__");
    assertThat(keys(Schema.V2, message)).isEqualTo(keysOf(LABELS));
  }

  @Test
  void referencesMayBeInSeveralParts() throws IOException {
    ProtoWriter symbols =
        new ProtoWriter()
            .string(4, "")
            .string(4, "__name__")
            .string(4, "up")
            .string(4, "job")
            .string(4, "shop");
    ProtoWriter series =
        new ProtoWriter()
            .bytes(1, new byte[] {1, 2, 3})
            .varint(6, 1)
            .bytes(1, new byte[0])
            .varint(1, 4);
    assertThat(keys(Schema.V2, symbols.message(5, series))).isEqualTo(keysOf(LABELS));
  }

  @ParameterizedTest
  @CsvSource({
    "odd number of references, 2200 2201 61 2a030a01 01",
    "odd number of references in parts, 2200 2201 61 2a040a00 0801",
    "reference out of range, 2200 2201 61 2a040a02 0102",
    "reference out of range in a part, 2200 2201 61 2a040801 0802",
    "reference without symbols, 2a040a02 0000",
    "reference of 32 bits, 2200 2a080a06 0080808080 10",
    "reference of 64 bits, 2200 2a0d0a0b 00ffffffffffffffffff01",
    "reference of eleven bytes, 2200 2a0e0a0c 00808080808080808080 8000",
    "reference is cut, 2200 2a040a02 0080",
    "references longer than their series, 2200 2a040a03 0000",
    "references that are fixed numbers, 2200 2a050d 00000000",
    "first symbol not empty, 220161 2a00",
    "first symbol not empty and last, 2a00 220161",
    "symbol is cut, 2200 2202 61",
    "symbol that is a number, 2200 2000",
    "series is cut, 2200 2a02 0a",
    "series that is a number, 2200 2800",
    "sample that is a group, 2200 2a02 1314"
  })
  void malformedVersion2IsUnknown(String what, String message) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(message.replace(" ", ""));
    assertThat(keys(Schema.V2, bytes)).as(what).isNull();
  }

  @Test
  void seriesWithoutLabelsHasTheSameKeyInBothVersions() throws IOException {
    ProtoWriter empty = new ProtoWriter();
    assertThat(keys(Schema.V1, new ProtoWriter().message(1, empty)))
        .isEqualTo(keys(Schema.V2, new ProtoWriter().message(5, empty)))
        .hasSize(1);
  }

  @Test
  void bodyThatIsNotSnappyIsUnknown() throws IOException {
    assertThat(keys(head(Schema.V1), new byte[0])).isNull();
    assertThat(keys(head(Schema.V1), Messages.of(Schema.V1, List.of(LABELS)))).isNull();
  }

  @Test
  void otherHeadIsUnknown_andTheBodyIsNotRead() throws IOException {
    InputStream failing = failingStream();
    RequestHead json = Heads.head("POST", "/", "Content-Type", "application/json");
    assertThat(KEYS.keys(json, failing, key -> {})).isFalse();
  }

  @Test
  void exceptionOfTheBodyIsThrown() {
    byte[] body = Messages.compressed(Messages.of(Schema.V1, List.of(LABELS)));
    InputStream failing =
        new SequenceInputStream(
            new ByteArrayInputStream(body, 0, body.length / 2), failingStream());
    assertThatThrownBy(() -> KEYS.keys(head(Schema.V1), failing, key -> {})).hasMessage("test");
  }

  private static InputStream failingStream() {
    return new FilterInputStream(InputStream.nullInputStream()) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        throw new IOException("test");
      }
    };
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
