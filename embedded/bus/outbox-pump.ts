import type { Bus } from '../../lambdas/core/ports/bus.ts';
import type { Outbox } from '../../lambdas/core/ports/ledger.ts';
import { publishOutbox } from '../../lambdas/publish-outbox/publish-outbox.ts';
import type { Sleep } from '../loop/sleep.ts';
import { WorkerLoop } from '../loop/worker-loop.ts';

/** What the pump needs. */
export interface OutboxPumpOptions {
  readonly outbox: Outbox;
  readonly bus: Bus;
  readonly sleep: Sleep;
  readonly onError: (error: unknown) => void;
}

/** How long an event may lie unseen where nobody wakes the pump: another process committed it. */
const LONGEST_WAIT_MS = 1000;

/**
 * Takes committed events to the bus, as the table's stream and `publish-outbox` do on AWS. Wake it when a
 * commit has put events into the outbox.
 */
export function outboxPump({ outbox, bus, sleep, onError }: OutboxPumpOptions): WorkerLoop {
  const work = async (): Promise<number> => {
    await publishOutbox(outbox, bus);
    return LONGEST_WAIT_MS;
  };
  return new WorkerLoop({ work, sleep, longestWaitMs: LONGEST_WAIT_MS, onError });
}
