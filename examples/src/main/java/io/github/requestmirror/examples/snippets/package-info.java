/** The code that the documentation shows, so that it compiles. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.snippets;
