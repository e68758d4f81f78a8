import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { realSleep } from '../loop/sleep.ts';
import { isPortFree } from '../ports/free-port.ts';
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
  /** Where it will listen on loopback. */
  readonly port?: number;
  /** Whether it is up. Asked until it says yes. */
  readonly isUp: () => Promise<boolean>;
  /** Ours has ended: whether another one is about to be up in its place. */
  readonly isComing?: () => Promise<boolean>;
}

const PATIENCE_MS = 30_000;

/**
 * Starts a program in a session of its own, with an empty environment: it inherits nothing of ours.
 *
 * Errors: `PORT_IN_USE`; `SERVER_FAILED`, naming its log.
 */
export async function launch(options: Launch): Promise<void> {
  const { name, folder, port, isUp, isComing = async () => false } = options;
  if (port !== undefined && !(await isPortFree(port)))
    throw new LockstepError(
      'PORT_IN_USE',
      `port ${port} on 127.0.0.1, where ${name} listens, is taken by another process; end that one, or remove .lockstep/ports.json to have other ports given out`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logPath = join(folder, 'output.log');
  const hasEnded = spawnApart(options, logPath);
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    if (await isUp()) return;
    if (hasEnded() && !(await isComing())) break;
    await realSleep(50);
  }
  throw new LockstepError('SERVER_FAILED', `${name} did not start; what it said is in ${logPath}`);
}

/** Starts it; the answer tells whether it has ended by now. */
function spawnApart({ program, arguments: args, input }: Launch, logPath: string): () => boolean {
  const log = openSync(logPath, 'a', 0o600);
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  let ended = false;
  try {
    const child = spawn(process.execPath, ['--import', loader, fileURLToPath(program), ...args], {
      env: { PATH: process.env['PATH'] ?? '' },
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', log, log],
    });
    child.once('exit', () => (ended = true));
    child.once('error', () => (ended = true));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    child.unref();
    return () => ended;
  } finally {
    closeSync(log);
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
