/**
 * The request mirror for OkHttp. Add {@link io.github.requestmirror.okhttp.MirrorInterceptor} as
 * the last application interceptor of a client.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.okhttp;
