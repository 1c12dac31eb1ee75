package io.github.requestmirror.internal.capture;

import io.github.requestmirror.Capture;
import io.github.requestmirror.Outcome;
import java.nio.ByteBuffer;

/** The capture of a request that is not mirrored. */
public enum NoCapture implements Capture {
  INSTANCE;

  @Override
  public boolean active() {
    return false;
  }

  @Override
  public void hold() {}

  @Override
  public void write(byte[] bytes, int offset, int length) {}

  @Override
  public void write(ByteBuffer bytes) {}

  @Override
  public void reset() {}

  @Override
  public void complete() {}

  @Override
  public void completeQuietly() {}

  @Override
  public void wakeUp() {}

  @Override
  public void completeReencoded() {}

  @Override
  public void abandon(Outcome reason) {}

  @Override
  public void primaryResponding() {}

  @Override
  public void primaryResponded(int status) {}
}
