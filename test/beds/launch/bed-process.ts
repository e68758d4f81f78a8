import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareEnvironment } from './bare-environment.ts';
import { BedError } from './bed-error.ts';
import { startLeashed, type Leashed } from './leashed.ts';

/** How a bed is started, and how one sees that it is ready. */
export interface BedOrder {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where on loopback it was told to listen. */
  readonly port: number;
  /** Where everything that it says is kept. */
  readonly log: string;
  /** Answers whether it works; throwing means not yet. It is asked again when the signal aborts. */
  readonly isReady: (signal: AbortSignal) => Promise<boolean>;
  readonly readyWithinMs?: number;
}

/** A bed that runs. */
export interface RunningBed {
  readonly name: string;
  readonly pid: number;
  /** Settles when it has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  lastLines(): string;
  /** Ends it and everything that it started. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** How long one question may take: a bed that takes it and never answers is not ready. */
const ASK_MS = 2_000;

/** Starts a bed and waits until it works. Throws `BedError`, with the last lines that it said, where it does not. */
export async function startBed(order: BedOrder): Promise<RunningBed> {
  const { name, command, environment, log } = order;
  const isTaken = await answers(order.port);
  const out = openSync(log, 'w');
  const leashed = startLeashed({
    command,
    environment: { ...bareEnvironment(), ...environment },
    output: out,
  });
  closeSync(out);
  const lastLines = (): string => tail(log);
  const why = await whyNotReady(order, leashed, isTaken);
  if (why === undefined)
    return { name, pid: leashed.pid, ended: leashed.ended, lastLines, stop: leashed.stop };
  await leashed.stop();
  throw new BedError(1, `${name} ${why}; its last lines:\n${lastLines()}`);
}

/** Waits until it is ready. What listened on its port before it did is another program, whatever that answers. */
async function whyNotReady(
  { isReady, port, readyWithinMs = READY_WITHIN_MS }: BedOrder,
  leashed: Leashed,
  isTaken: boolean,
): Promise<string | undefined> {
  const giveUpAt = performance.now() + readyWithinMs;
  for (;;) {
    const asked = AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(ASK_MS, giveUpAt - performance.now()))));
    const isAnswering = !isTaken && (await isReady(asked).catch(() => false));
    if (leashed.hasEnded())
      return isTaken ? `could not have port ${port}, which another program holds` : 'ended while it started';
    if (isAnswering) return undefined;
    if (performance.now() > giveUpAt) return `is not ready after ${readyWithinMs / 1000} seconds`;
    await sleep(100);
  }
}

/** Whether anything listens on that port of loopback. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const tail = (path: string): string => {
  const text = existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : '';
  return text === '' ? '(it said nothing)' : text.split('\n').slice(-15).join('\n');
};
