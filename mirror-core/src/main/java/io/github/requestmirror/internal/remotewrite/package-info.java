/** Reads the keys for the order from bodies of Prometheus remote-write: one for each series. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.remotewrite;
