package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A sender that records the requests; the test supplies the responses. They reach the dispatcher on
 * the pipeline's thread.
 */
public final class ManualSender implements Sender {
  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> responses = new ConcurrentLinkedQueue<>();
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile @Nullable Function<Sent, Outcome> automatic;
  private volatile @Nullable RuntimeException fault;
  private volatile boolean closed;
  private volatile boolean blocking;
  private volatile long lastWait;
  private volatile @Nullable Error awaitFault;
  private final AtomicInteger failedAwaits = new AtomicInteger();

  /** One exchange. */
  public final class Sent implements Exchange {
    private final OutboundRequest request;
    private final Callback callback;
    private volatile boolean cancelled;
    private volatile @Nullable RuntimeException cancelFault;

    private Sent(OutboundRequest request, Callback callback) {
      this.request = request;
      this.callback = callback;
    }

    public String path() {
      return request.path();
    }

    Object captured() {
      return request.body();
    }

    /** Returns the body's bytes. */
    public byte[] body() {
      Body body = request.body();
      ByteBuffer bytes = ByteBuffer.allocate((int) body.size());
      body.copyTo(bytes, 0);
      return bytes.array();
    }

    public void respond(Outcome outcome) {
      respond(outcome, Duration.ZERO);
    }

    void respond(Outcome outcome, Duration retryAfter) {
      int status = outcome.kind() == Outcome.Kind.RESPONDED ? 200 : 0;
      respond(new Result(outcome, status, null, null, retryAfter, false));
    }

    /** Responds with a text, if the pipeline wants it. */
    void respond(Outcome outcome, int status, String text) {
      Result without = new Result(outcome, status, null, null, Duration.ZERO, false);
      Result with = new Result(outcome, status, text, null, Duration.ZERO, false);
      responses.add(() -> callback.ended(callback.wantsText(without) ? with : without));
      wakeUp();
    }

    void respond(Result result) {
      responses.add(() -> callback.ended(result));
      wakeUp();
    }

    public boolean isCancelled() {
      return cancelled;
    }

    void failOnCancel(RuntimeException cause) {
      cancelFault = cause;
    }

    @Override
    public void cancel() {
      cancelled = true;
      RuntimeException cause = cancelFault;
      if (cause != null) {
        throw cause;
      }
    }
  }

  /** From now on responds immediately, on the sending thread. */
  public ManualSender automatic(Function<Sent, Outcome> responses) {
    automatic = responses;
    return this;
  }

  /** From now on throws instead of sending; null sends again. */
  void failWith(@Nullable RuntimeException cause) {
    fault = cause;
  }

  public List<Sent> sent() {
    return sent;
  }

  public List<String> paths() {
    return sent.stream().map(Sent::path).toList();
  }

  Sent last() {
    return sent.get(sent.size() - 1);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public Exchange send(OutboundRequest request, Callback callback) {
    RuntimeException cause = fault;
    if (cause != null) {
      throw cause;
    }
    Sent exchange = new Sent(request, callback);
    sent.add(exchange);
    Function<Sent, Outcome> response = automatic;
    if (response != null) {
      Outcome outcome = response.apply(exchange);
      int status = outcome.kind() == Outcome.Kind.RESPONDED ? 200 : 0;
      callback.ended(new Result(outcome, status, null, null, Duration.ZERO, false));
    }
    return exchange;
  }

  /** From now on {@link #await} waits as a sender does. */
  void blockInAwait() {
    blocking = true;
  }

  /** From now on {@link #await} throws; null ends that. */
  void failAwaitWith(@Nullable Error cause) {
    awaitFault = cause;
    wakeUp();
  }

  int failedAwaits() {
    return failedAwaits.get();
  }

  /** Returns how long the pipeline was ready to wait when it waited last. */
  Duration lastWait() {
    return Duration.ofNanos(lastWait);
  }

  @Override
  public void await(long nanos) {
    lastWait = nanos;
    Error cause = awaitFault;
    if (cause != null) {
      failedAwaits.incrementAndGet();
      throw cause;
    }
    if (blocking) {
      try {
        boolean ignored = wakeUps.tryAcquire(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      wakeUps.drainPermits();
    }
    for (Runnable response = responses.poll(); response != null; response = responses.poll()) {
      response.run();
    }
  }

  @Override
  public void wakeUp() {
    wakeUps.release();
  }

  @Override
  public void close() {
    closed = true;
  }
}
