/** A user of the mirror on the module path. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.consumer;
