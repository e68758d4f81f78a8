import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/** One process for good: process ids are used again, a pid with its start is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the operating system's own words: only equality means something. */
  readonly started: string;
}

/** A process that exists. */
export interface SystemProcess extends ProcessIdentity {
  /** It has ended, and nobody has collected its exit status (a container whose first process reaps nothing). */
  readonly isZombie: boolean;
  readonly program: string;
}

/** What the operating system knows of a process; `undefined` where there is none. */
export async function findProcess(pid: number): Promise<SystemProcess | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** True while exactly this process runs. */
export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  const found = await findProcess(pid);
  return found !== undefined && !found.isZombie && found.started === started;
}

/** The identity of the process that asks. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await findProcess(process.pid);
  return { pid: process.pid, started: own?.started ?? 'unknown' };
}

/** proc_pid_stat(5): the name is in brackets and may itself contain any; the state follows, the start is field 22. */
async function fromProc(pid: number): Promise<SystemProcess | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const nameEnds = text.lastIndexOf(')');
  const fields = text.slice(nameEnds + 2).split(' ');
  const [state = '', started = ''] = [fields[0], fields[22 - 3]];
  const program = text.slice(text.indexOf('(') + 1, nameEnds);
  // X: it is being taken away at this moment.
  return { pid, started, program, isZombie: state === 'Z' || state === 'X' };
}

async function fromPs(pid: number): Promise<SystemProcess | undefined> {
  const fields = ['-o', 'stat=', '-o', 'lstart=', '-o', 'comm='];
  const answer = await promisify(execFile)('ps', ['-p', String(pid), ...fields], {
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  }).catch(() => undefined);
  const seen = /^(\S+)\s+(\w{3} \w{3} +\d+ [\d:]+ \d{4})\s+(.+)$/.exec(answer?.stdout.trim() ?? '');
  if (!seen) return undefined;
  const [, state = '', started = '', program = ''] = seen;
  return { pid, started, program: basename(program), isZombie: state.startsWith('Z') };
}

/**
 * The folder that a process works in: a postmaster and all its children stay in their data folder.
 * `undefined` where that cannot be seen (another user's process, or a system without /proc).
 */
export const workingFolder = (pid: number): Promise<string | undefined> =>
  readlink(`/proc/${pid}/cwd`).catch(() => undefined);

/** Every process that works in `folder` and lives. Empty on systems without /proc. */
export async function processesWorkingIn(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const folders = await Promise.all(pids.map(workingFolder));
  return pids.filter((_, at) => folders[at] === folder);
}
