/**
 * Tests of the packaged gateway with a Prometheus as sender and two more as primary and secondary.
 * They are skipped if no {@code prometheus} is on the path; with {@code REQUIRE_PROMETHEUS=true}
 * they fail instead.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateway.prometheus;
