package io.github.requestmirror.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "::1, ::1",
    "::, ::",
    "2001:DB8::1, 2001:db8::1",
    "2001:0db8:0:0:0:0:0:0, 2001:db8::",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "0:0:3:4:5:6:0:0, ::3:4:5:6:0:0",
    "::ffff:192.0.2.7, 192.0.2.7",
  })
  void hasTheFormOfRfc5952(String address, String text) throws Exception {
    assertThat(format(InetAddress.getByName(address))).isEqualTo(text);
  }

  @Test
  void hasNoZone() throws Exception {
    byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
    assertThat(format(Inet6Address.getByAddress(null, linkLocal, 3))).isEqualTo("fe80::1");
  }

  @Test
  void isUnknownWithoutAnAddress() {
    assertThat(ClientAddress.format(UnixDomainSocketAddress.of("/s"))).isEqualTo("unknown");
  }

  private static String format(InetAddress address) {
    return ClientAddress.format(new InetSocketAddress(address, 80));
  }
}
