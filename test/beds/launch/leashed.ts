import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

/** A program that ends when whoever started it does. */
export interface Leashed {
  readonly pid: number;
  /** Its exit code once it has ended, and 1 where it was killed. Never rejects. */
  readonly ended: Promise<number>;
  readonly hasEnded: () => boolean;
  /** What it says, where its output is a pipe; otherwise nothing. */
  readonly said: readonly string[];
  /** Ends it and everything that it started: by the time this settles, all of it has been told, or killed. */
  readonly stop: () => Promise<void>;
}

/** What is started, and where its output goes. */
export interface LeashOrder {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: 'inherit' | 'pipe' | number;
}

/**
 * Runs the program in a group of its own, and ends the group when standard input ends: also when whoever started it was
 * killed and could clean up nothing (the kernel closes the pipe). What does not go on TERM within two seconds is killed.
 * The exit code is told on descriptor 3, since the last kill takes the wrapper along.
 */
const WRAPPER = `
exec 4<&0
"$@" </dev/null 3>&- 4<&- & program=$!
trap '' TERM INT HUP
(exec 3>&-; cat <&4 >/dev/null; kill -TERM 0; sleep 2; kill -KILL 0) &
wait $program
echo $? >&3
kill -KILL 0
`;

/** Starts a program on a leash. */
export function startLeashed({ command, environment, output }: LeashOrder): Leashed {
  const stdio: StdioOptions = ['pipe', output, output, 'pipe'];
  const child = spawn('sh', ['-c', WRAPPER, 'leash', ...command], {
    detached: true,
    stdio,
    env: { ...environment },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => said.push(String(part)));
  // Its end may close the pipe at the moment at which we do.
  child.stdin?.on('error', () => undefined);
  const ended = exitCodeOf(child);
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
    said,
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

async function exitCodeOf(child: ChildProcess): Promise<number> {
  const told: string[] = [];
  child.stdio[3]?.on('data', (part) => told.push(String(part)));
  // Without a shell there is nothing to run anything in.
  await once(child, 'close').catch(() => undefined);
  return told.length === 0 ? 1 : Number(told.join(''));
}
