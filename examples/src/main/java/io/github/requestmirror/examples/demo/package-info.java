/**
 * The demo: a remote-write sender, the gateway with its mirror, and two strict receivers in one
 * process, through the faults of a secondary cluster.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.examples.demo;
