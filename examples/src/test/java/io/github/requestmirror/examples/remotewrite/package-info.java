@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.remotewrite;
