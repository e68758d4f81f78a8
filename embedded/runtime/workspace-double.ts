import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realSleep } from '../loop/sleep.ts';
import { isPortFree } from '../ports/free-port.ts';
import { isRunning, type ProcessIdentity } from '../postgres/system-process.ts';
import { endProcess, launch } from './launch.ts';

/** The one project that the double has. */
export const DOUBLE_PROJECT = 'proj_lockstep_example';

/** What the double is started with. */
export interface DoubleOptions {
  readonly folder: string;
  readonly port: number;
  /** The admin keys that "a person made in the console". */
  readonly adminKeys: readonly { readonly id: string; readonly value: string }[];
  readonly heartbeat: string;
  readonly idleLimitSeconds: number;
}

/** Where the double's API is, for a port. */
export const doubleApiUrl = (port: number): string => `http://127.0.0.1:${port}/v1`;

/** One that listens and has not written down yet where: a runtime was killed while it started. */
const RECORD_PATIENCE_MS = 3000;

/**
 * Starts the double of OpenAI, or takes over the one that an earlier runtime left. Only the one of this folder: who
 * else answers on its port may be the double of another workspace, which knows other keys.
 */
export async function startDouble(options: DoubleOptions): Promise<void> {
  const { folder, port, adminKeys, heartbeat, idleLimitSeconds } = options;
  const living = await recordedDouble(folder, port);
  if (living?.port === port) return;
  await endProcess(living);
  const order = {
    port,
    projects: [DOUBLE_PROJECT],
    adminKeys,
    heartbeat: { path: heartbeat, limitSeconds: idleLimitSeconds },
  };
  await launch({
    name: 'the double of OpenAI',
    folder,
    program: new URL('../openai-double/main.ts', import.meta.url),
    arguments: [folder],
    // On standard input: admin keys must not be seen among the processes.
    input: JSON.stringify(order),
    port,
    isUp: async () => (await livingDouble(folder)) !== undefined,
  });
}

/** Whether it lives, for whoever has started it. */
export const isDoubleAlive = async (folder: string): Promise<boolean> =>
  (await livingDouble(folder)) !== undefined;

/** Ends it. */
export const stopDouble = async (folder: string): Promise<void> => endProcess(await livingDouble(folder));

type DoubleProcess = ProcessIdentity & { readonly port: number };

async function recordedDouble(folder: string, port: number): Promise<DoubleProcess | undefined> {
  const giveUpAt = performance.now() + RECORD_PATIENCE_MS;
  for (;;) {
    const living = await livingDouble(folder);
    if (living || performance.now() > giveUpAt || (await isPortFree(port))) return living;
    await realSleep(100);
  }
}

async function livingDouble(folder: string): Promise<DoubleProcess | undefined> {
  try {
    const record = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as DoubleProcess;
    return (await isRunning(record)) ? record : undefined;
  } catch {
    // None has ever listened here.
    return undefined;
  }
}
