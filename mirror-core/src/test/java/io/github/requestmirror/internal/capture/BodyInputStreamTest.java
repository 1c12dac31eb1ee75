package io.github.requestmirror.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.requestmirror.testing.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyInputStreamTest {
  private static Body body(byte[] bytes) {
    Body body = new Body();
    for (int from = 0; from < bytes.length; ) {
      int chunk = body.room() > 0 ? 0 : body.nextChunkSize(-1, 1);
      from += body.append(bytes, from, bytes.length - from, chunk);
    }
    return body;
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "8192, 1000", "8193, 8192", "300000, 7", "1000000, 300000"})
  void returnsAllBytesInReadsOfAnySize(int size, int readSize) throws IOException {
    byte[] bytes = Wire.bytes(size, 1);
    InputStream in = body(bytes).inputStream();
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] part = new byte[readSize];
    for (int count = in.read(part); count >= 0; count = in.read(part)) {
      assertThat(count).isPositive();
      read.write(part, 0, count);
      assertThat(in.available()).isEqualTo(size - read.size());
    }
    assertThat(read.toByteArray()).isEqualTo(bytes);
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.available()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1", "20000"})
  void returnsSingleBytes(int size) throws IOException {
    byte[] bytes = Wire.bytes(size, 2);
    InputStream in = body(bytes).inputStream();
    for (byte expected : bytes) {
      assertThat(in.read()).isEqualTo(expected & 0xff);
    }
    assertThat(in.read()).isEqualTo(-1);
  }
}
