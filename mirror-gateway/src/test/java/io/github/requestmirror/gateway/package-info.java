/** Tests of the gateway; those in a process of its own run against the packaged jar. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateway;
