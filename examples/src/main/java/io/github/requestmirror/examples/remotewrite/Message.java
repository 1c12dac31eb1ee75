package io.github.requestmirror.examples.remotewrite;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;

/** A protobuf message that knows its size before it is written, as nesting it requires. */
interface Message {
  void writeTo(CodedOutputStream out) throws IOException;

  int size();
}
