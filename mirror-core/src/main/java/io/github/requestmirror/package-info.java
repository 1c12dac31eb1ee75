/**
 * The request mirror's public surface: a {@link io.github.requestmirror.Mirror} copies the requests
 * that a {@link io.github.requestmirror.MirrorPolicy} wants to a {@link
 * io.github.requestmirror.MirrorTarget}.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror;
