/** Shared by the tests of all modules: recorded traffic, test servers and clients, and checks. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.testing;
