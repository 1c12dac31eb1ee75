package io.github.requestmirror.internal.remotewrite;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Generates label sets, and messages that are valid but which no sender writes so. */
final class RandomMessages {
  private static final String[] NAMES = {"__name__", "job", "instance", "le", "pod", "", "ünïcode"};

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  List<List<String>> series() {
    List<List<String>> series = new ArrayList<>();
    for (int count = random.nextInt(8); count > 0; count--) {
      List<String> labels = new ArrayList<>();
      for (int label = random.nextInt(10); label > 0; label--) {
        labels.add(NAMES[random.nextInt(NAMES.length)]);
        labels.add(value());
      }
      series.add(labels);
    }
    return series;
  }

  private String value() {
    int length = random.nextInt(random.nextInt(20) == 0 ? 300 : 30);
    char[] characters = new char[length];
    for (int i = 0; i < length; i++) {
      characters[i] = (char) ('a' + random.nextInt(3));
    }
    return new String(characters);
  }

  /** Returns a message with fields in unusual orders and encodings. Mostly its keys are known. */
  byte[] odd(Schema schema) {
    return schema == Schema.V1 ? oddV1() : oddV2();
  }

  private byte[] oddV1() {
    ProtoWriter request = new ProtoWriter();
    for (List<String> labels : series()) {
      ProtoWriter series = new ProtoWriter();
      for (int i = 0; i < labels.size(); i += 2) {
        addOther(series);
        ProtoWriter label = new ProtoWriter();
        for (int part = random.nextInt(5); part > 0; part--) {
          label.string(1 + random.nextInt(2), labels.get(i + random.nextInt(2)));
        }
        series.message(1, label);
      }
      addOther(series);
      request.message(1, series);
      switch (random.nextInt(20)) {
        case 0 ->
            request.varint(random.nextBoolean() ? 2 : 1000 + random.nextInt(2), value().length());
        case 1 -> request.string(3, value());
        case 2 -> addOther(request);
        default -> {}
      }
    }
    return request.toByteArray();
  }

  private byte[] oddV2() {
    List<ProtoWriter> series = new ArrayList<>();
    int symbols = 1 + random.nextInt(200);
    for (int count = random.nextInt(6); count > 0; count--) {
      ProtoWriter one = new ProtoWriter();
      int refs = 2 * random.nextInt(8);
      while (refs > 0) {
        addOther(one);
        if (random.nextBoolean()) {
          one.varint(1, random.nextInt(symbols));
          refs--;
        } else {
          ProtoWriter packed = new ProtoWriter();
          for (int part = random.nextInt(refs + 1); part > 0; part--) {
            packed.raw(random.nextInt(symbols));
            refs--;
          }
          one.message(1, packed);
        }
      }
      series.add(one);
    }
    List<String> strings = new ArrayList<>(List.of(""));
    while (strings.size() < symbols) {
      strings.add(value());
    }
    ProtoWriter request = new ProtoWriter();
    List<Boolean> isSeries = new ArrayList<>(Collections.nCopies(strings.size(), false));
    isSeries.addAll(Collections.nCopies(series.size(), true));
    Collections.shuffle(isSeries, random);
    int nextSeries = 0;
    int nextSymbol = 0;
    for (boolean next : isSeries) {
      if (next) {
        request.message(5, series.get(nextSeries++));
      } else {
        request.string(4, strings.get(nextSymbol++));
      }
    }
    return request.toByteArray();
  }

  /** Now and then adds a field that does not count, or is not permitted. */
  private void addOther(ProtoWriter message) {
    int number = 2 + random.nextInt(20);
    switch (random.nextInt(40)) {
      case 0 -> message.varint(number, random.nextLong());
      case 1 -> message.fixed32(number, random.nextInt());
      case 2 -> message.fixed64(number, random.nextLong());
      case 3 -> message.string(number, value());
      case 4 -> {
        if (random.nextInt(10) == 0) {
          message.group(number);
        }
      }
      default -> {}
    }
  }
}
