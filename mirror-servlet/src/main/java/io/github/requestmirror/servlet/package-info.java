/**
 * The request mirror as a servlet filter: {@link io.github.requestmirror.servlet.MirrorFilter} in
 * front of a proxy, and nothing else to see.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.servlet;
