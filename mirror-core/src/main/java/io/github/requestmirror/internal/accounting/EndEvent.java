package io.github.requestmirror.internal.accounting;

import io.github.requestmirror.MirrorListener;
import io.github.requestmirror.Outcome;
import io.github.requestmirror.RequestHead;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The event of a copy's end, as passed to the listener. */
public record EndEvent(
    String target,
    RequestHead head,
    Outcome outcome,
    int status,
    @Nullable Throwable cause,
    long bodyBytes,
    Duration elapsed)
    implements MirrorListener.Event {}
