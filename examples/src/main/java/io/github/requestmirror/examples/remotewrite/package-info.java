/**
 * Bodies of Prometheus remote-write 1.0 requests: snappy blocks that contain a protobuf message.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.remotewrite;
