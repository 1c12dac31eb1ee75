/**
 * The request mirror in an OkHttp client: {@link io.github.requestmirror.okhttp.MirrorInterceptor}
 * as the last of its application interceptors, and nothing else to see.
 */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.okhttp;
