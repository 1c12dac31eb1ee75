package io.github.requestmirror;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Placeholder until the merge. */
@FunctionalInterface
public interface OrderKeys {
  boolean keys(RequestHead head, InputStream body, LongConsumer key) throws IOException;
}
