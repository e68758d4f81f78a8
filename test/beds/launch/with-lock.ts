import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './is-running.ts';

/** Does the work while no other process does it. A lock whose holder is gone is taken over. */
export async function withLock(
  path: string,
  say: (text: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  let isWaiting = false;
  while (!take(path)) {
    if (!isWaiting) say('another run is at it; waiting for it to end');
    isWaiting = true;
    await sleep(200);
  }
  try {
    await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A link is made in one step and only where there is none, so a lock never lies there without its holder's name. */
function take(path: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch {
    if (!isRunning(holderOf(path))) rmSync(path, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Where there is no lock any more, nobody: the next try finds that out. */
function holderOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return Number.NaN;
  }
}
