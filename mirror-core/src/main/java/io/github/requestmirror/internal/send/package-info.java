/** Step 5: sends copies over HTTP and evaluates the responses. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.send;
