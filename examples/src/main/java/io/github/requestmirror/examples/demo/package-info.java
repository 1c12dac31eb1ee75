/**
 * The demo: a remote-write sender, the gateway with its mirror, and two strict receivers in one
 * process. The secondary receiver goes through several faults.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.demo;
