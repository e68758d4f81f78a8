import { statSync } from 'node:fs';
import { readOrders, type ServiceOrders } from './service-orders.ts';
import { claimService, showReady } from './service-record.ts';

/**
 * Begins a life as a service: reads the orders out of the arguments and makes this process the one that lives by
 * them. A second one ends here, before it has done anything.
 */
export async function beginService(): Promise<ServiceOrders> {
  const orders = readOrders();
  if (await claimService(orders)) return orders;
  process.exit(0);
}

/**
 * Lives as a service of the embedded world: shows itself by its record, outlives the runtime that started it, and
 * ends when no runtime has shown itself for the limit, or on SIGTERM.
 */
export async function liveAsService(orders: ServiceOrders, end: () => Promise<void>): Promise<void> {
  let isEnding = false;
  const finish = (): void => {
    if (isEnding) return;
    isEnding = true;
    // Sessions are closed in good order; one that does not close ends with us.
    void Promise.race([end(), new Promise((resolve) => setTimeout(resolve, 3000))]).finally(() =>
      process.exit(0),
    );
  };
  process.once('SIGTERM', finish);
  process.once('SIGINT', finish);
  watchHeartbeat(orders, finish);
  await showReady(orders);
}

/** Only changes of the file count, against a clock that only passes: a wall clock that jumps ends nobody. */
function watchHeartbeat({ heartbeat, idleLimitSeconds }: ServiceOrders, finish: () => void): void {
  let [seen, seenAt] = [beatOf(heartbeat), performance.now()];
  setInterval(() => {
    const beat = beatOf(heartbeat);
    if (beat !== seen) [seen, seenAt] = [beat, performance.now()];
    else if (performance.now() - seenAt > idleLimitSeconds * 1000) finish();
  }, 1000);
}

function beatOf(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Runs `work` again and again, `everyMs` after it ended, whatever became of it. */
export function again(everyMs: number, work: () => Promise<unknown>): void {
  const round = (): void => {
    work()
      .catch(() => undefined)
      .finally(() => setTimeout(round, everyMs));
  };
  round();
}
