/** Step 5, send: what the copy looks like on the wire, and the HTTP client that puts it there. */
@org.jspecify.annotations.NullMarked
package io.github.requestmirror.internal.send;
