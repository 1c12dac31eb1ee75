/**
 * Step 2: captures the body in bounded memory while the primary reads or writes it. Runs on the
 * primary's threads.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.capture;
