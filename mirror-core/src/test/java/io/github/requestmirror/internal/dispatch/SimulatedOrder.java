package io.github.requestmirror.internal.dispatch;

import io.github.requestmirror.MirrorOrder;
import io.github.requestmirror.MirrorTarget;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.internal.capture.Body;
import io.github.requestmirror.internal.dispatch.Copy.Stage;
import io.github.requestmirror.internal.send.OutboundRequest;
import io.github.requestmirror.internal.send.Sender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold for the copies of one target at every moment, stated without the pipeline's
 * data structures: the order, that no copy waits without need, and that no limit is exceeded.
 */
final class SimulatedOrder {
  private static final long KEY_PATIENCE = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LONGEST_HOLD = TimeUnit.MINUTES.toNanos(5);
  private static final long KEY_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

  /** A capture with fewer bytes may hold them for ever. */
  private static final int LITTLE = 4 << 10;

  private static final int BYTES_PER_KEY = 56;

  /** With so many copies, enough of those with known keys may wait. */
  private static final int MANY = 64;

  private final MirrorTarget target;
  private final Map<Copy, Entry> entries = new HashMap<>();

  /** The copies that may still matter: not ended, or sent. In the order of their admission. */
  private final List<Entry> live = new ArrayList<>();

  private BooleanSupplier isUp = () -> false;
  private BooleanSupplier readsNoKeys = () -> true;
  private boolean keysFailed;
  private long keysFailedAt = Long.MIN_VALUE / 2;
  private @Nullable SimulatedKeys firstSource;
  private boolean hasSeveralSources;
  private int inFlight;
  private boolean checksWaits = true;

  /** Scopes that may back off. */
  private final Set<Optional<String>> failingScopes = new HashSet<>();

  private @Nullable String violation;

  /** What is known about one copy. A moment is the number of a primary's action. */
  static final class Entry {
    final Copy copy;
    final MirrorOrder order;
    final @Nullable String scope;

    /** What reads its keys, or null. */
    final @Nullable SimulatedKeys keySource;

    byte[] body = {};

    /** As it was sent last. */
    @Nullable OutboundRequest request;

    boolean declared;

    /** The bytes of the body that have been written, and when the last were. */
    int written;

    long wroteAt;
    long captured = Long.MAX_VALUE;
    long responding = Long.MAX_VALUE;

    /** Whether the adapter holds the copy until the response. */
    boolean held;

    /** The status of the primary, or -1 without a response so far. */
    int status = -1;

    boolean wasSent;
    boolean inFlight;

    /** When it was seen to wait for the order first, or 0. */
    long waitsSince;

    Entry(Copy copy, MirrorOrder order, @Nullable String scope, @Nullable SimulatedKeys keySource) {
      this.copy = copy;
      this.order = order;
      this.scope = scope;
      this.keySource = order == MirrorOrder.CAUSAL ? keySource : null;
    }

    /** Whether the client has paused, or may have, while the capture holds much memory. */
    boolean mayStall() {
      return captured == Long.MAX_VALUE
          && written > LITTLE
          && (written < body.length || !declared)
          && (copy.stage == Stage.CAPTURING || copy.stage == Stage.OVERDUE);
    }

    /** Its place: the end of its body, or its response if that came first. */
    long place() {
      return Math.min(captured, responding);
    }

    /** Its keys, or null if it meets every copy. */
    @Nullable Set<Long> keys() {
      return keySource == null || responding < captured ? null : keySource.of(body);
    }

    boolean meets(Entry other) {
      Set<Long> own = keys();
      Set<Long> others = other.keys();
      return own == null
          || others == null
          || keySource != other.keySource
          || !Collections.disjoint(own, others);
    }

    boolean sharesKey(Entry other) {
      return keys() != null && other.keys() != null && meets(other);
    }

    boolean mustPrecede(Entry later) {
      return comesBefore(later) && meets(later);
    }

    /** Whether its response came before the other request, in the same scope. */
    boolean comesBefore(Entry later) {
      return this != later
          && order != MirrorOrder.NONE
          && later.order != MirrorOrder.NONE
          && Objects.equals(scope, later.scope)
          && responding < later.place();
    }
  }

  SimulatedOrder(MirrorTarget target) {
    this.target = target;
  }

  /**
   * @param readsNoKeys whether no body is being read
   */
  void watch(BooleanSupplier isUp, BooleanSupplier readsNoKeys) {
    this.isUp = isUp;
    this.readsNoKeys = readsNoKeys;
  }

  /** Without memory for a read, none takes place for a while. */
  void keysFailed(boolean failed) {
    keysFailed |= failed;
  }

  /** Waits are not judged while rounds fail on purpose. */
  void checkWaits(boolean checked) {
    checksWaits = checked;
  }

  Entry admitted(
      Copy copy, MirrorOrder order, @Nullable String scope, @Nullable SimulatedKeys keySource) {
    Entry entry = new Entry(copy, order, scope, keySource);
    firstSource = firstSource == null ? keySource : firstSource;
    hasSeveralSources |= keySource != null && keySource != firstSource;
    entries.put(copy, entry);
    live.add(entry);
    return entry;
  }

  void onSent(Copy copy, OutboundRequest request) {
    Entry sent = entry(copy);
    require(!sent.inFlight, "a copy is sent twice at once", sent);
    require(!copy.hasEnded(), "a copy is sent after its end", sent);
    require(!sent.held || sent.status >= 0, "a held copy is sent before the response", sent);
    require(
        !copy.waitsForPrimary() || copy.wantsPrimaryStatus(sent.status),
        "a copy is sent although its status is not selected",
        sent);
    sent.request = request;
    requireBody(sent);
    require(++inFlight <= target.maxInFlight(), "too many copies are in flight", sent);
    for (Entry other : live) {
      require(
          !other.wasSent || !sent.mustPrecede(other), "a later copy has been sent before", sent);
      require(
          sent.wasSent || other.copy.hasEnded() || isOverdue(other) || !other.mustPrecede(sent),
          "an earlier copy has not ended",
          sent);
      require(
          sent.wasSent
              || sent.order != MirrorOrder.FIFO
              || other == sent
              || other.order == MirrorOrder.NONE
              || !isRunning(other)
              || !Objects.equals(other.scope, sent.scope),
          "two copies of a FIFO scope run at once",
          sent);
    }
    sent.wasSent = true;
    sent.inFlight = true;
  }

  /** A result of the target; the time-out of an exchange has none. */
  void onResult(Copy copy, Sender.Result result) {
    boolean succeeded =
        switch (result.outcome()) {
          case ACCEPTED, REJECTED, THROTTLED -> result.retryAfter().isZero();
          default -> false;
        };
    if (succeeded) {
      failingScopes.remove(Optional.ofNullable(entry(copy).scope));
    } else {
      failingScopes.add(Optional.ofNullable(entry(copy).scope));
    }
  }

  /** The sender may have read the request until now. */
  void onExchangeEnded(Copy copy) {
    Entry ended = entry(copy);
    if (ended.inFlight) {
      requireBody(ended);
      ended.inFlight = false;
      inFlight--;
    }
  }

  private void requireBody(Entry entry) {
    byte[] body = bytes(Objects.requireNonNull(entry.request).body());
    require(Arrays.equals(body, entry.body), "the body is not the primary's", entry);
  }

  void onCancelled(Copy copy) {
    failingScopes.add(Optional.ofNullable(entry(copy).scope));
    onExchangeEnded(copy);
  }

  /** Called after each turn, when the pipeline wants to sleep. */
  void onSleep(long now, long nanos) {
    if (keysFailed) {
      keysFailedAt = now;
      keysFailed = false;
    }
    long maxQueueTime = target.maxQueueTime().toNanos();
    for (Entry entry : live) {
      require(
          entry.copy.outcome() != Outcome.CAPTURE_TOO_SLOW || now - entry.wroteAt >= maxQueueTime,
          "a capture is ended that makes progress",
          entry);
    }
    live.removeIf(entry -> entry.copy.hasEnded() && !entry.wasSent);
    for (Entry entry : live) {
      if (entry.copy.hasEnded()) {
        continue;
      }
      long pause = now - entry.wroteAt;
      require(
          !entry.mayStall() || (pause < maxQueueTime && nanos <= maxQueueTime - pause),
          "a capture stalls for too long",
          entry);
      long age = now - entry.copy.waitingSince;
      long limit =
          switch (entry.copy.stage) {
            case IN_FLIGHT -> target.callTimeout().toNanos();
            case WAITING -> maxQueueTime;
            case RESPONDED_EARLY -> maxQueueTime / 2;
            case HELD -> LONGEST_HOLD;
            default -> Long.MAX_VALUE;
          };
      require(age < limit, "a copy is too old in stage " + entry.copy.stage, entry);
      require(
          nanos <= 0 || limit == Long.MAX_VALUE || nanos <= limit - age,
          "the thread oversleeps a deadline",
          entry);
      if (entry.waitsSince == 0 && isWaiting(entry)) {
        entry.waitsSince = now;
      }
      require(!waitsWithoutNeed(entry, now), "a copy waits without need", entry);
      require(
          nanos <= KEY_PATIENCE || !waitsForKeys(entry, now),
          "the thread oversleeps a read of keys",
          entry);
    }
  }

  private static boolean isWaiting(Entry entry) {
    return entry.copy.stage == Stage.WAITING && !entry.copy.heldForPrimary;
  }

  /** Whether only a read of keys can let the copy go. */
  private boolean waitsForKeys(Entry entry, long now) {
    SimulatedKeys source = entry.keySource;
    return source != null
        && source.areFew()
        && readsNoKeys.getAsBoolean()
        && now - keysFailedAt > KEY_PAUSE
        && live.size() < MANY
        && !source.hasRead(entry.body)
        && isBlockedOnlyByOthers(entry);
  }

  private boolean waitsWithoutNeed(Entry entry, long now) {
    if (isBlockedOnlyByOthers(entry)) {
      SimulatedKeys source = entry.keySource;
      return source == null
          || source.hasRead(entry.body)
          || (waitsForKeys(entry, now) && now - entry.waitsSince > KEY_PATIENCE);
    }
    return false;
  }

  private int placesOfOneScope() {
    int places = target.maxInFlight();
    return places == 1 ? 1 : places - Math.max(1, places / 9);
  }

  /** Whether nothing but copies without a common key may hold back the copy. */
  private boolean isBlockedOnlyByOthers(Entry entry) {
    if (!checksWaits
        || !isWaiting(entry)
        || inFlight >= placesOfOneScope()
        || failingScopes.contains(Optional.ofNullable(entry.scope))
        || !isUp.getAsBoolean()) {
      return false;
    }
    for (Entry other : live) {
      boolean unfinished = !other.copy.hasEnded() && !isOverdue(other);
      boolean blocks = unfinished && blocks(other, entry);
      boolean occupies =
          entry.order == MirrorOrder.FIFO
              && other != entry
              && Objects.equals(other.scope, entry.scope)
              && other.order != MirrorOrder.NONE
              && !other.copy.hasEnded()
              && (isRunning(other) || other.copy.stage == Stage.WAITING);
      // The queue of a scope is sorted by place, so a FIFO copy can hold up those behind it.
      boolean behindFifo =
          entry.order == MirrorOrder.CAUSAL
              && other.order == MirrorOrder.FIFO
              && other.copy.stage == Stage.WAITING
              && Objects.equals(other.scope, entry.scope);
      if (blocks || occupies || behindFifo) {
        return false;
      }
    }
    return true;
  }

  private boolean blocks(Entry other, Entry entry) {
    // Then it depends on the moment which keys can be compared.
    boolean changesSource = hasSeveralSources && other.comesBefore(entry);
    boolean sameSeries =
        other != entry && Objects.equals(other.scope, entry.scope) && other.sharesKey(entry);
    boolean meetsAll = (hasTooManyKeys(entry) || hasTooManyKeys(other)) && other.comesBefore(entry);
    return changesSource || sameSeries || meetsAll || other.mustPrecede(entry);
  }

  /** The keys of one copy may take a fourth of an eighth of the buffer; the source repeats each. */
  private boolean hasTooManyKeys(Entry entry) {
    Set<Long> keys = entry.keys();
    return keys != null && 2L * keys.size() * BYTES_PER_KEY > target.bufferBytes() / 8 / 4;
  }

  private static boolean isRunning(Entry entry) {
    return entry.copy.stage == Stage.IN_FLIGHT || entry.copy.stage == Stage.RETRYING;
  }

  /** The primary responded long ago, and the body has still not ended. */
  private static boolean isOverdue(Entry entry) {
    return entry.copy.stage == Stage.OVERDUE;
  }

  @Override
  public String toString() {
    return live.stream()
        .filter(entry -> !entry.copy.hasEnded())
        .map(entry -> entry.copy.head().rawPath() + " " + entry.copy.stage + " " + entry.order)
        .toList()
        .toString();
  }

  private Entry entry(Copy copy) {
    return Objects.requireNonNull(entries.get(copy), "an unknown copy");
  }

  private static byte[] bytes(Body body) {
    ByteBuffer bytes = ByteBuffer.allocate((int) body.size());
    body.copyTo(bytes, 0);
    return bytes.array();
  }

  /** Records a violation; thrown from here, the pipeline would survive it. */
  private void require(boolean condition, String problem, Entry entry) {
    if (!condition && violation == null) {
      violation = problem + ": " + entry.copy.head().rawPath();
    }
  }

  /** Throws what has been found since the start. */
  void requireNoViolation() {
    if (violation != null) {
      throw new Simulation.Failure(violation);
    }
  }
}
