/** The request mirror as a servlet filter: {@link io.github.requestmirror.servlet.MirrorFilter}. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.servlet;
