import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { realSleep } from '../loop/sleep.ts';
import { isRunning, type ProcessIdentity } from '../postgres/system-process.ts';

/** A program that outlives the runtime. */
export interface Launch {
  readonly name: string;
  /** Its folder; its log lies in it, and the record by which it shows that it lives. */
  readonly folder: string;
  readonly program: URL;
  readonly arguments: readonly string[];
  /** Handed over on standard input: where something secret has to be told. */
  readonly input?: string;
  /** Whether it is up. Asked until it says yes. */
  readonly isUp: () => Promise<boolean>;
}

const PATIENCE_MS = 30_000;

/** Starts a program in a session of its own, with an empty environment: it inherits nothing of ours. */
export async function launch({ name, folder, program, arguments: args, input, isUp }: Launch): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logPath = join(folder, 'output.log');
  const log = openSync(logPath, 'a', 0o600);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  let ended: number | null | undefined;
  try {
    const child = spawn(process.execPath, ['--import', loader, fileURLToPath(program), ...args], {
      env: { PATH: process.env['PATH'] ?? '' },
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', log, log],
    });
    child.once('exit', (code) => (ended = code));
    child.once('error', () => (ended = null));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    child.unref();
  } finally {
    closeSync(log);
  }
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    if (await isUp()) return;
    if (ended !== undefined) break;
    await realSleep(50);
  }
  throw new LockstepError('SERVER_FAILED', `${name} did not start; what it said is in ${logPath}`);
}

/** Which process a record names, if exactly that one still runs. */
export async function livingProcess(record: string): Promise<ProcessIdentity | undefined> {
  try {
    const known = JSON.parse(readFileSync(record, 'utf8')) as ProcessIdentity;
    return (await isRunning(known)) ? known : undefined;
  } catch {
    return undefined;
  }
}

/** Asks a process to end, and waits until it has. */
export async function endProcess(identity: ProcessIdentity | undefined, patienceMs = 8000): Promise<void> {
  if (!identity) return;
  const send = (signal: NodeJS.Signals): void => {
    try {
      process.kill(identity.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  if (await isRunning(identity)) send('SIGTERM');
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt) {
    if (!(await isRunning(identity))) return;
    await realSleep(30);
  }
  send('SIGKILL');
}
