/** The filter before real gateways: what a client, the primary and the target see of it. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.gateways;
