package io.github.requestmirror.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Records the events of a call, in order; not those of its cancellation, which other threads cause.
 */
final class Events extends EventListener {
  private final List<String> names = new CopyOnWriteArrayList<>();

  List<String> names() {
    return names;
  }

  @Override
  public void callStart(Call call) {
    names.add("callStart");
  }

  @Override
  public void proxySelectStart(Call call, HttpUrl url) {
    names.add("proxySelectStart");
  }

  @Override
  public void proxySelectEnd(Call call, HttpUrl url, List<Proxy> proxies) {
    names.add("proxySelectEnd");
  }

  @Override
  public void dnsStart(Call call, String domainName) {
    names.add("dnsStart");
  }

  @Override
  public void dnsEnd(Call call, String domainName, List<InetAddress> addresses) {
    names.add("dnsEnd");
  }

  @Override
  public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
    names.add("connectStart");
  }

  @Override
  public void connectEnd(Call call, InetSocketAddress address, Proxy proxy, Protocol protocol) {
    names.add("connectEnd " + protocol);
  }

  @Override
  public void connectFailed(
      Call call, InetSocketAddress address, Proxy proxy, Protocol protocol, IOException e) {
    names.add("connectFailed " + e.getClass().getName());
  }

  @Override
  public void connectionAcquired(Call call, Connection connection) {
    names.add("connectionAcquired");
  }

  @Override
  public void connectionReleased(Call call, Connection connection) {
    names.add("connectionReleased");
  }

  @Override
  public void requestHeadersStart(Call call) {
    names.add("requestHeadersStart");
  }

  @Override
  public void requestHeadersEnd(Call call, Request request) {
    names.add("requestHeadersEnd");
  }

  @Override
  public void requestBodyStart(Call call) {
    names.add("requestBodyStart");
  }

  @Override
  public void requestBodyEnd(Call call, long byteCount) {
    names.add("requestBodyEnd " + byteCount);
  }

  @Override
  public void requestFailed(Call call, IOException e) {
    names.add("requestFailed " + e.getClass().getName());
  }

  @Override
  public void responseHeadersStart(Call call) {
    names.add("responseHeadersStart");
  }

  @Override
  public void responseHeadersEnd(Call call, Response response) {
    names.add("responseHeadersEnd " + response.code());
  }

  @Override
  public void responseBodyStart(Call call) {
    names.add("responseBodyStart");
  }

  @Override
  public void responseBodyEnd(Call call, long byteCount) {
    names.add("responseBodyEnd " + byteCount);
  }

  @Override
  public void responseFailed(Call call, IOException e) {
    names.add("responseFailed " + e.getClass().getName());
  }

  @Override
  public void callEnd(Call call) {
    names.add("callEnd");
  }

  @Override
  public void callFailed(Call call, IOException e) {
    names.add("callFailed " + e.getClass().getName());
  }
}
