/** How somebody ends this process. */
export interface StopSignals {
  /** Resolves when it was asked to end. */
  readonly stopped: Promise<'stopped'>;
  readonly isStopped: () => boolean;
}

/** What listening for signals needs. */
export interface StopSignalsOptions {
  readonly process: Pick<NodeJS.EventEmitter, 'on'>;
  /** Time that only passes, in milliseconds. */
  readonly monotonicMs: () => number;
  /** The first signal: what is under way ends in good order. */
  readonly onFirst: () => void;
  /** Another one, later: whoever waits for the end has no more patience. */
  readonly onAgain: () => void;
}

/** npm passes Ctrl-C on to a process that has got it from the terminal already: both are one press of the key. */
const ONE_PRESS_MS = 1000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP, and goes on listening. A listener that is taken off after the first
 * signal would leave the second one to its default, the death of the process; and what hides the cursor of a
 * terminal (`signal-exit`) kills the process as soon as it finds itself alone.
 */
export function stopSignals({ process, monotonicMs, onFirst, onAgain }: StopSignalsOptions): StopSignals {
  let firstAt: number | undefined;
  const stopped = new Promise<'stopped'>((resolve) => {
    const take = (): void => {
      if (firstAt === undefined) {
        firstAt = monotonicMs();
        onFirst();
        resolve('stopped');
      } else if (monotonicMs() - firstAt > ONE_PRESS_MS) onAgain();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, take);
  });
  return { stopped, isStopped: () => firstAt !== undefined };
}
