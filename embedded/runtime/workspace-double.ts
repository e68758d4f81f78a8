import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../postgres/system-process.ts';
import { findProcess } from '../postgres/system-process.ts';
import { endProcess, launch } from './launch.ts';

/** The one project that the double has. */
export const DOUBLE_PROJECT = 'proj_lockstep_example';

/** What the double is started with. */
export interface DoubleOptions {
  readonly folder: string;
  readonly port: number;
  /** The admin key that "a person made in the console". */
  readonly adminKey: { readonly id: string; readonly value: string };
  readonly heartbeat: string;
}

/** Where the double's API is, for a port. */
export const doubleApiUrl = (port: number): string => `http://127.0.0.1:${port}/v1`;

/** Starts the double of OpenAI, or takes over the one that an earlier runtime left. */
export async function startDouble({ folder, port, adminKey, heartbeat }: DoubleOptions): Promise<void> {
  if (await answers(port)) return;
  const order = {
    port,
    projects: [DOUBLE_PROJECT],
    adminKeys: [adminKey],
    heartbeat: { path: heartbeat, limitSeconds: 600 },
  };
  await launch({
    name: 'the double of OpenAI',
    folder,
    program: new URL('../openai-double/main.ts', import.meta.url),
    arguments: [folder],
    // On standard input: the admin key must not be seen among the processes.
    input: JSON.stringify(order),
    isUp: () => answers(port),
  });
}

/** A double answers a call without a key with 401, and names itself. */
async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${doubleApiUrl(port)}/models`, {
      headers: { 'user-agent': 'lockstep' },
      signal: AbortSignal.timeout(1000),
    });
    await response.body?.cancel();
    return response.status === 401 && response.headers.has('x-lockstep-double');
  } catch {
    return false;
  }
}

/** Ends it. */
export async function stopDouble(folder: string): Promise<void> {
  const identity = await doubleProcess(folder);
  await endProcess(identity);
}

async function doubleProcess(folder: string): Promise<ProcessIdentity | undefined> {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as {
      readonly pid: number;
    };
    const found = await findProcess(pid);
    return found?.program.startsWith('node') || found?.program.startsWith('MainThread') ? found : undefined;
  } catch {
    return undefined;
  }
}
