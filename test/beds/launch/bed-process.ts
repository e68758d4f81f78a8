import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BedError } from './bed-error.ts';

/** How a bed is started, and how one sees that it is ready. */
export interface BedOrder {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where everything that it says is kept. */
  readonly log: string;
  /** Answers whether it works; throwing means not yet. */
  readonly isReady: () => Promise<boolean>;
}

/** A bed that runs. */
export interface RunningBed {
  readonly name: string;
  readonly pid: number;
  lastLines(): string;
  /** Ends it and everything that it started. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/**
 * Runs the bed in a group of its own, and ends the group when standard input ends: also when whoever started it was
 * killed and could clean up nothing (the kernel closes the pipe). What does not go on TERM within two seconds is killed.
 */
const WRAPPER = `
exec 3<&0
"$@" </dev/null 3<&- & bed=$!
trap '' TERM INT
(cat <&3 >/dev/null; kill -TERM 0; sleep 2; kill -KILL 0) &
wait $bed
kill -KILL 0
`;

/** Starts a bed and waits until it works. Throws `BedError`, with the last lines that it said, where it does not. */
export async function startBed({ name, command, environment, log, isReady }: BedOrder): Promise<RunningBed> {
  const out = openSync(log, 'w');
  const child = spawn('sh', ['-c', WRAPPER, 'bed', ...command], {
    detached: true,
    stdio: ['pipe', out, out],
    env: { ...process.env, ...environment },
  });
  closeSync(out);
  const lastLines = (): string => tail(log);
  const bed: RunningBed = { name, pid: child.pid ?? 0, lastLines, stop: () => stop(child) };
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < giveUpAt) {
      await sleep(100);
      continue;
    }
    const why = performance.now() < giveUpAt ? 'ended while it started' : 'is not ready after a minute';
    await bed.stop();
    throw new BedError(1, `${name} ${why}; its last lines:\n${lastLines()}`);
  }
  return bed;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

const tail = (path: string): string =>
  existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '(no log)';
