/**
 * Step 2, capture: the bounded copy of a body, made as the primary moves it. Runs on the primary's
 * thread.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.capture;
