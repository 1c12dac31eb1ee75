/**
 * The request mirror for Apache HttpClient 5. Add {@link
 * io.github.requestmirror.httpclient5.MirrorExecChainHandler} as the first exec chain handler of a
 * client.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.httpclient5;
