/**
 * The body of a Prometheus remote-write 1.0 request: a snappy block that holds a protobuf message.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.remotewrite;
