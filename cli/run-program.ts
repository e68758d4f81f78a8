import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LockstepError } from '../lambdas/core/errors.ts';
import type { Program } from './serving.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a program on the streams of this process, without a shell, and ends with its code; 128 and the number of the
 * signal where one ended it. Whoever asks this process to end asks the program: what it used is given back after it.
 */
export function runProgram({ command, words, environment, input }: Program): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...words], {
      stdio: [input ? 'pipe' : 'inherit', 'inherit', 'inherit'],
      env: { ...environment },
    });
    // A program that does not read what it is given ends all the same.
    child.stdin?.on('error', () => undefined);
    // Through a pipe to the one process that it is for: here it leaves our hands.
    if (input) child.stdin?.end(input.reveal());
    const pass = SIGNALS.map((signal) => {
      // A terminal gives Ctrl-C to both of us.
      const isShared = signal === 'SIGINT' && process.stdin.isTTY;
      const listener = (): void => void (isShared || child.kill(signal));
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    const end = (): void => pass.forEach((off) => off());
    child.once('error', () => {
      end();
      reject(
        new LockstepError(
          'COMMAND_INVALID',
          'the program behind -- could not be started; see that it is there',
        ),
      );
    });
    child.once('exit', (code, signal) => {
      end();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Aborts when somebody ends this process, and goes on listening: what is held is given back in between. */
export function stopping(): AbortSignal {
  const stop = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => stop.abort());
  return stop.signal;
}
