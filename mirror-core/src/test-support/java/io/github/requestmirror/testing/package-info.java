/**
 * What the tests of all modules share: real recorded traffic, servers that misbehave, and checks.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.testing;
