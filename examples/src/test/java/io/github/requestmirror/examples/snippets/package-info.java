/** Checks that the documentation says what the code says. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.snippets;
