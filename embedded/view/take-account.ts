import { realSleep } from '../loop/sleep.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { compareBooks, type Account } from './compare-books.ts';
import { readBooks, subjectsOf } from './read-books.ts';

/** Every client gives up after five seconds: what began before has ended by then, and is in its book. */
const SETTLE_MS = 7000;
/** A machine that is busy writes later. A difference that is one stays one, however long it is looked at. */
const PATIENCE_MS = 45_000;
const LOOK_AGAIN_MS = 1000;

/** Compares everybody's books from a moment up to now, once everything that has begun by now has ended. */
export async function takeAccount(runtime: Runtime, since: string): Promise<Account> {
  const subjects = subjectsOf(runtime.inventory);
  const stretch = { since, until: new Date().toISOString() };
  const giveUpAt = performance.now() + PATIENCE_MS;
  await realSleep(SETTLE_MS);
  for (;;) {
    const account = compareBooks(await readBooks(runtime, since), subjects, stretch);
    if (agrees(account) || performance.now() > giveUpAt) return account;
    await realSleep(LOOK_AGAIN_MS);
  }
}

const agrees = ({ database, provider, notices, strangers }: Account): boolean =>
  [database, provider, notices].every(({ differences }) => differences.length === 0) &&
  strangers.length === 0;
