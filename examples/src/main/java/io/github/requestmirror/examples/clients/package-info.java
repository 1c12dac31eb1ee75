/** Programs that push metrics with an HTTP client, and whose calls are mirrored. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.clients;
