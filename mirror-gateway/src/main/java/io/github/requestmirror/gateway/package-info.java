/**
 * A reverse proxy in front of a primary cluster that sends a copy of each request to one or more
 * other clusters, like the Envoy example in the Cortex documentation.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateway;
