/**
 * A real Prometheus as sender, and two more as primary and secondary, around the gateway's jar. The
 * tests run where a {@code prometheus} is on the path; {@code REQUIRE_PROMETHEUS=true} makes its
 * absence a failure.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateway.prometheus;
