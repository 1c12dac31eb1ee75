/**
 * The request mirror for Apache HttpClient 5: {@link
 * io.github.requestmirror.httpclient5.MirrorExecChainHandler} as the first handler of a client, and
 * nothing else to see.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.httpclient5;
