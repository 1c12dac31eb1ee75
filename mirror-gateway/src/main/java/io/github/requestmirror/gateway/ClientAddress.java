package io.github.requestmirror.gateway;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Formats addresses of clients for {@code X-Forwarded-For}. */
final class ClientAddress {
  private static final int GROUPS = 8;

  private ClientAddress() {}

  /**
   * Returns the address in the text form of its family, IPv6 as in RFC 5952: no brackets, no zone.
   */
  static String format(SocketAddress client) {
    if (!(client instanceof InetSocketAddress socket) || socket.getAddress() == null) {
      // RFC 7239 6, for example a client of a Unix domain socket.
      return "unknown";
    }
    InetAddress address = socket.getAddress();
    return address instanceof Inet6Address v6 ? format(v6.getAddress()) : address.getHostAddress();
  }

  private static String format(byte[] bytes) {
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    // The first of the longest runs of two or more zero groups is shortened.
    int start = GROUPS;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
