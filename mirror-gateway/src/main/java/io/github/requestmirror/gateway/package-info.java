/**
 * A gateway in front of a primary cluster that sends copies of what it forwards to one or more
 * others, as the Envoy example in the Cortex documentation does.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateway;
