package io.github.requestmirror.internal.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnappyBlockTest {
  private static final int MAX = 1 << 20;

  private static byte @Nullable [] decode(byte[] block) throws IOException {
    return SnappyBlock.decode(new ByteArrayInputStream(block), MAX);
  }

  /** Returns a stream whose reads return at most so many bytes. */
  private static InputStream slow(byte[] bytes, int atMost) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return super.read(into, offset, Math.min(length, atMost));
      }
    };
  }

  @Test
  void decodesWhatSnappyCompressed() throws IOException {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] content = new byte[random.nextInt(1 << random.nextInt(19))];
      int letters = 1 << random.nextInt(9);
      for (int i = 0; i < content.length; i++) {
        content[i] = (byte) random.nextInt(letters);
      }
      byte[] block = Messages.compressed(content);
      assertThat(decode(block)).as("seed %s", seed).isEqualTo(content);
      int atMost = 1 + random.nextInt(100);
      assertThat(SnappyBlock.decode(slow(block, atMost), MAX))
          .as("seed %s, at most %s bytes for each read", seed, atMost)
          .isEqualTo(content);
    }
  }

  @Test
  void decodesEveryKindOfElement() throws IOException {
    for (long seed = 0; seed < 2000; seed++) {
      BlockWriter writer = new BlockWriter(new Random(seed));
      byte[] block = writer.write();
      assertThat(Oracle.decode(block)).as("snappy-java, seed %s", seed).isEqualTo(writer.content());
      assertThat(decode(block)).as("seed %s", seed).isEqualTo(writer.content());
      assertThat(SnappyBlock.decode(slow(block, 1), MAX))
          .as("seed %s", seed)
          .isEqualTo(writer.content());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // The length may be written with more bytes than it needs.
    "00, ''",
    "8000, ''",
    "8080808000, ''",
    // Literals with the length in one to four bytes after the tag.
    "0100 41, 41",
    "01f000 41, 41",
    "01f40000 41, 41",
    "01f8000000 41, 41",
    "01fc00000000 41, 41",
    // Copies that overlap their source.
    "0500 41 0101, 4141414141",
    "0600 41 1201 00, 414141414141",
    "0704 4142 1302000000, 41424142414241"
  })
  void decodes(String block, String content) throws IOException {
    assertThat(decode(hex(block))).isEqualTo(hex(content));
  }

  @ParameterizedTest
  @CsvSource({
    "no byte, ''",
    "length is cut, 80",
    "length of six bytes, 808080808000",
    "length of 33 bits, 8080808010",
    "no element, 01",
    "literal without its bytes, 0100",
    "literal ends too early, 0308 4142",
    "literal longer than the rest, 0104 4142",
    "length of a literal is cut, 01f4 00",
    "literal of 4 GiB, 01fcffffffff 41",
    "copy first, 040101",
    "offset 0, 050041 0100",
    "offset before the start, 050041 0102",
    "offset before the start in two bytes, 050041 0e0200",
    "offset before the start in four bytes, 050041 0f02000000",
    "offset of 32 bits, 050041 0f010000ff",
    "copy longer than the rest, 040041 0101",
    "offset is cut, 050041 01",
    "offset of two bytes is cut, 050041 0e01",
    "offset of four bytes is cut, 050041 0f010000",
    "more input, 0100 41 00",
    "more input after no output, 0000"
  })
  void invalidBlockIsNotDecoded(String what, String block) throws IOException {
    assertThat(Oracle.decode(hex(block))).as("%s, by snappy-java", what).isNull();
    assertThat(decode(hex(block))).as(what).isNull();
    assertThat(SnappyBlock.decode(slow(hex(block), 1), MAX)).as(what).isNull();
  }

  @Test
  void noPartOfABlockIsDecoded() throws IOException {
    byte[] content = new byte[30_000];
    new Random(5).nextBytes(content);
    Arrays.fill(content, 10_000, 20_000, (byte) 'a');
    byte[] block = Messages.compressed(content);
    assertThat(decode(block)).isEqualTo(content);
    for (int length = 0; length < block.length; length += 1 + length / 100) {
      assertThat(decode(Arrays.copyOf(block, length))).as("%s bytes", length).isNull();
    }
  }

  @Test
  void decodesUpToTheMaximum() throws IOException {
    byte[] block = Messages.compressed(new byte[1000]);
    InputStream in = new ByteArrayInputStream(block);
    assertThat(SnappyBlock.decode(in, 1000)).isEqualTo(new byte[1000]);
    assertThat(SnappyBlock.decode(new ByteArrayInputStream(block), 999)).isNull();
  }

  @Test
  void exceptionOfTheStreamIsThrown() {
    byte[] block = Messages.compressed(new byte[1000]);
    InputStream in =
        new FilterInputStream(slow(block, 10)) {
          private int reads;

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            if (++reads > 2) {
              throw new IOException("test");
            }
            return super.read(into, offset, length);
          }
        };
    assertThatThrownBy(() -> SnappyBlock.decode(in, MAX)).hasMessage("test");
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** Writes valid blocks, with elements that compressors do not write. */
  private static final class BlockWriter {
    private final Random random;
    private final ByteArrayOutputStream elements = new ByteArrayOutputStream();
    private final byte[] content;
    private int written;

    private BlockWriter(Random random) {
      this.random = random;
      content = new byte[1 + random.nextInt(1 << (1 + random.nextInt(15)))];
    }

    private byte[] content() {
      return content;
    }

    private byte[] write() {
      int rest = content.length;
      for (; rest > 0x7f; rest >>>= 7) {
        elements.write(rest | 0x80);
      }
      elements.write(rest);
      while (written < content.length) {
        if (written == 0 || random.nextInt(3) == 0) {
          literal();
        } else {
          copy();
        }
      }
      return elements.toByteArray();
    }

    private void literal() {
      int left = content.length - written;
      int length = 1 + random.nextInt(Math.min(left, 1 << random.nextInt(15)));
      int sizes = length <= 60 ? 5 : length <= 1 << 8 ? 4 : 3;
      int size = 4 - random.nextInt(sizes);
      elements.write((size == 0 ? length - 1 : 59 + size) << 2);
      number(length - 1, size);
      for (int i = 0; i < length; i++) {
        byte next = (byte) random.nextInt();
        content[written++] = next;
        elements.write(next);
      }
    }

    private void copy() {
      int left = content.length - written;
      int offset = 1 + random.nextInt(Math.min(written, 1 << random.nextInt(16)));
      int length = 1 + random.nextInt(Math.min(left, 64));
      if (length >= 4 && length <= 11 && offset < 1 << 11 && random.nextBoolean()) {
        elements.write((offset >>> 8 << 5) | ((length - 4) << 2) | 1);
        number(offset, 1);
      } else {
        boolean wide = random.nextInt(4) == 0;
        elements.write(((length - 1) << 2) | (wide ? 3 : 2));
        number(offset, wide ? 4 : 2);
      }
      for (int i = 0; i < length; i++) {
        content[written] = content[written - offset];
        written++;
      }
    }

    private void number(int value, int size) {
      for (int i = 0; i < size; i++) {
        elements.write(value >>> (8 * i));
      }
    }
  }
}
