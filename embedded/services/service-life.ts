import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownIdentity } from '../postgres/system-process.ts';

/** What the runtime starts a service with: one JSON text as the only argument. Nothing in it is secret. */
export interface ServiceOrders {
  readonly name: string;
  readonly environment: string;
  /** Its own folder. */
  readonly folder: string;
  readonly identity: string;
  /** The file that says where the runtime is. */
  readonly runtime: string;
  readonly heartbeat: string;
  readonly idleLimitSeconds: number;
  /** Where its webhook listens, for those that have one. */
  readonly port?: number;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Reads the orders out of the arguments. */
export function readOrders(): ServiceOrders {
  const [text] = process.argv.slice(2);
  if (text === undefined)
    throw new Error('a service is started by the runtime, with its orders as the one argument');
  return JSON.parse(text) as ServiceOrders;
}

/**
 * Lives as a service of the embedded world: shows itself by a record, outlives the runtime that started it, and
 * ends when no runtime has shown itself for the limit, or on SIGTERM.
 */
export async function liveAsService(orders: ServiceOrders, end: () => Promise<void>): Promise<void> {
  mkdirSync(orders.folder, { recursive: true, mode: 0o700 });
  const path = join(orders.folder, 'process.json');
  writeFileSync(`${path}.new`, JSON.stringify(await ownIdentity()), { mode: 0o600 });
  renameSync(`${path}.new`, path);

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
