package io.github.requestmirror.okhttp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.UnknownServiceException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Recognizes calls that failed before they had a connection, so that the primary got nothing.
 *
 * <p>OkHttp throws the same exceptions for a timeout of the connect, of the TLS handshake and of
 * the response, and tells an application interceptor nothing about connections. What differs is the
 * method that threw the exception. A failure that is not recognized counts as one of a request that
 * may have reached the primary.
 */
final class ConnectFailure {
  private static final String SOCKET = "java.net.Socket";
  private static final String CONNECT_STEP = "okhttp3.internal.connection.ConnectInterceptor";
  private static final String NEXT_STEP = "okhttp3.internal.http.RealInterceptorChain";

  private ConnectFailure() {}

  /** Returns whether the last attempt of the call had no connection. */
  static boolean is(IOException failure) {
    return failure instanceof ConnectException
        || failure instanceof UnknownHostException
        || failure instanceof NoRouteToHostException
        || failure instanceof UnknownServiceException
        || failure instanceof SSLHandshakeException
        || failure instanceof SSLPeerUnverifiedException
        || comesFromConnecting(failure.getStackTrace());
  }

  /** OkHttp 5 connects on another thread, whose stack does not contain the steps of the call. */
  private static boolean comesFromConnecting(StackTraceElement[] innermostFirst) {
    for (StackTraceElement frame : innermostFirst) {
      String type = frame.getClassName();
      String method = frame.getMethodName();
      if (type.equals(CONNECT_STEP)
          || method.equals("startHandshake")
          || (type.equals(SOCKET) && method.equals("connect"))) {
        return true;
      }
      if (type.equals(NEXT_STEP)) {
        return false;
      }
    }
    return false;
  }
}
