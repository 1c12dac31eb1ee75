/**
 * The public API: a {@link io.github.requestmirror.Mirror} sends copies of the requests that a
 * {@link io.github.requestmirror.MirrorPolicy} selects to a {@link
 * io.github.requestmirror.MirrorTarget}.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror;
