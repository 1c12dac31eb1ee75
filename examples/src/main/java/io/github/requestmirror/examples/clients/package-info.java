/** Programs that push metrics themselves, and have their calls mirrored. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.clients;
