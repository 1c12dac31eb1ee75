package io.github.requestmirror.internal.remotewrite;

import io.github.requestmirror.RequestHead;
import java.util.List;
import org.apache.hc.core5.http.HeaderElement;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.message.BasicHeaderValueParser;
import org.apache.hc.core5.http.message.ParserCursor;
import org.jspecify.annotations.Nullable;

/** The version of remote-write that a head announces. */
enum Schema {
  V1("prometheus.WriteRequest"),
  V2("io.prometheus.write.v2.Request");

  private final String message;

  Schema(String message) {
    this.message = message;
  }

  /** Returns the schema of a body compressed with snappy, or null if it is anything else. */
  static @Nullable Schema of(RequestHead head) {
    List<String> encodings = head.headers().values("Content-Encoding");
    if (encodings.size() != 1 || !encodings.get(0).trim().equalsIgnoreCase("snappy")) {
      return null;
    }
    List<String> types = head.headers().values("Content-Type");
    if (types.isEmpty()) {
      // As receivers do.
      return V1;
    }
    return types.size() == 1 ? ofContentType(types.get(0)) : null;
  }

  private static @Nullable Schema ofContentType(String type) {
    HeaderElement[] elements =
        BasicHeaderValueParser.INSTANCE.parseElements(type, new ParserCursor(0, type.length()));
    if (elements.length != 1
        || !elements[0].getName().equalsIgnoreCase("application/x-protobuf")
        || elements[0].getValue() != null) {
      return null;
    }
    NameValuePair[] parameters = elements[0].getParameters();
    if (parameters.length == 0) {
      return V1;
    }
    if (parameters.length > 1 || !parameters[0].getName().equalsIgnoreCase("proto")) {
      return null;
    }
    for (Schema schema : values()) {
      if (schema.message.equals(parameters[0].getValue())) {
        return schema;
      }
    }
    return null;
  }
}
