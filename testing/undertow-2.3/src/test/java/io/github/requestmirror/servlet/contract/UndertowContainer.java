package io.github.requestmirror.servlet.contract;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HandlerWrapper;
import io.undertow.server.HttpHandler;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletContainer;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.api.ServletStackTraces;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.Servlet;
import java.net.InetSocketAddress;
import java.util.Set;

/** Undertow 2.3. */
final class UndertowContainer implements Container {
  private final HandlerWrapper around;

  UndertowContainer() {
    this(deployment -> deployment);
  }

  /**
   * @param around puts other handlers around the deployment
   */
  UndertowContainer(HandlerWrapper around) {
    this.around = around;
  }

  @Override
  public String documentedName() {
    return "Undertow 2.3";
  }

  /** Undertow needs the unwrapped response for a forward. */
  @Override
  public boolean forwardBeginsTheResponse() {
    return true;
  }

  @Override
  public boolean keepsOrderOfHeaders() {
    return false;
  }

  @Override
  public Running startAt(String contextPath, Servlet servlet, Mapped... filters) throws Exception {
    DeploymentInfo info =
        Servlets.deployment()
            .setClassLoader(UndertowContainer.class.getClassLoader())
            .setDeploymentName("contract")
            .setContextPath(contextPath.isEmpty() ? "/" : contextPath)
            // Otherwise a filter that cannot start fails the first request, not the deployment.
            .setEagerFilterInit(true)
            // The stack trace differs with the filter.
            .setServletStackTraces(ServletStackTraces.NONE)
            .addServletContainerInitializer(
                new ServletContainerInitializerInfo(
                    Registration.class,
                    new ImmediateInstanceFactory<>(new Registration(servlet, filters)),
                    Set.of()));
    ServletContainer container = Servlets.newContainer();
    DeploymentManager deployment = container.addDeployment(info);
    deployment.deploy();
    HttpHandler handler =
        around.wrap(Handlers.path().addPrefixPath(info.getContextPath(), deployment.start()));
    Undertow server =
        Undertow.builder()
            .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            .setServerOption(UndertowOptions.DECODE_SLASH, false)
            .addHttpListener(0, "127.0.0.1", handler)
            .setIoThreads(2)
            .setWorkerThreads(16)
            .build();
    server.start();
    int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    return new Running(
        port,
        () -> {
          server.stop();
          deployment.stop();
          deployment.undeploy();
        });
  }
}
