package io.github.requestmirror.gateways;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parses forms, to compare them independent of their encoding. */
final class Forms {
  private Forms() {}

  /** Returns the values of each field in order. The order of the fields is not significant. */
  static Map<String, List<String>> parse(byte[] form) {
    Map<String, List<String>> fields = new TreeMap<>();
    for (String field : new String(form, StandardCharsets.US_ASCII).split("&", -1)) {
      int equals = field.indexOf('=');
      fields
          .computeIfAbsent(decode(field.substring(0, equals)), name -> new ArrayList<>())
          .add(decode(field.substring(equals + 1)));
    }
    return fields;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
