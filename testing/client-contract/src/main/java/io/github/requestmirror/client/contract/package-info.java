/** What the client adapters promise with every HTTP client. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.client.contract;
