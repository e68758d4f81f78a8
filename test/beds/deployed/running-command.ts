import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

/** What a command came to. */
export interface CommandRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** How a command is started. */
export interface CommandStart {
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command of Node.js that runs. */
export class RunningCommand {
  /** What it comes to. */
  readonly run: Promise<CommandRun>;
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';

  constructor({ args, folder, environment }: CommandStart) {
    this.#child = spawn(process.execPath, args, { cwd: folder, env: environment, stdio: 'pipe' });
    const errors: string[] = [];
    this.#child.stdout.on('data', (part) => (this.#output += String(part)));
    this.#child.stderr.on('data', (part) => errors.push(String(part)));
    this.run = once(this.#child, 'close').then(([code]) => ({
      code: code as number | null,
      output: this.#output,
      errors: errors.join(''),
    }));
  }

  /** What it has said on standard output so far. */
  get output(): string {
    return this.#output;
  }

  /** Gives it all that it will ever read. */
  feed(input = ''): this {
    this.#child.stdin.end(input);
    return this;
  }

  /** Asks it to end, and waits for it. */
  end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<CommandRun> {
    this.#child.kill(signal);
    return this.run;
  }
}
