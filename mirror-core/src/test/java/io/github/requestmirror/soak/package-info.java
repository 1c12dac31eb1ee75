/** Mirrors and targets over real sockets, with faults that come and go. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.soak;
