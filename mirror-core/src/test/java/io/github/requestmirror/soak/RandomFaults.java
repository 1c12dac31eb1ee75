package io.github.requestmirror.soak;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Changes the faults of some targets at random, until they are healed. */
final class RandomFaults extends Thread {
  private static final int LONGEST_MILLIS = 1200;
  private static final int REFUSED_MILLIS = 300;

  private final List<FaultyTarget> targets;
  private final Random random;
  private volatile boolean stopped;

  RandomFaults(List<FaultyTarget> targets, Random random) {
    super("random-faults");
    setDaemon(true);
    this.targets = targets;
    this.random = random;
  }

  void heal() throws InterruptedException {
    stopped = true;
    join();
    targets.forEach(FaultyTarget::heal);
  }

  @Override
  public void run() {
    while (!stopped) {
      change(targets.get(random.nextInt(targets.size())));
      pause(LONGEST_MILLIS);
    }
  }

  private void pause(int atMostMillis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(atMostMillis)));
  }

  private void change(FaultyTarget target) {
    Fault[] faults = Fault.values();
    Fault fault = faults[random.nextInt(faults.length)];
    switch (random.nextInt(8)) {
      case 0 -> {
        // For a short time, because no other fault changes meanwhile.
        target.refuse();
        pause(REFUSED_MILLIS);
        target.accept();
      }
      case 1, 2, 3 -> {
        target.heal();
        target.fault(fault);
      }
      case 4, 5 -> {
        target.accept();
        target.fault(Payloads.tenant(random.nextInt(Payloads.TENANTS)), fault);
      }
      default -> target.heal();
    }
  }
}
