import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../is-running.ts';

/** The numbers that fake beds and suites have written into a folder, by their names. */
export function processesIn(folder: string): ReadonlyMap<string, number> {
  const names = readdirSync(folder).filter((name) => !name.includes('.'));
  return new Map(names.map((name) => [name, Number(readFileSync(join(folder, name), 'utf8'))]));
}

/** Those of them that still run. One that has ended and was not fetched by anybody does not. */
export const runningIn = (folder: string): readonly string[] =>
  [...processesIn(folder)].flatMap(([name, pid]) => (isAlive(pid) ? [name] : []));

/** Whether a process runs. Where the system tells it, one that is only waiting to be fetched counts as gone. */
export function isAlive(pid: number): boolean {
  if (!isRunning(pid)) return false;
  const stat = `/proc/${pid}/stat`;
  if (!existsSync('/proc/self/stat')) return true;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}
