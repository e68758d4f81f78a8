import type { Sleep } from '../loop/sleep.ts';
import { compareBooks, type Account, type Books, type Subjects } from './compare-books.ts';

/** What taking account needs. */
export interface AccountPorts {
  /** Everybody's book, from a little before a moment on. */
  readonly readBooks: (since: string) => Promise<Books>;
  readonly subjects: Subjects;
  readonly clock: () => Date;
  /** Time that only passes, in milliseconds. */
  readonly monotonicMs: () => number;
  readonly sleep: Sleep;
}

/** Every client gives up after five seconds: what began before has ended by then, and is in its book. */
const SETTLE_MS = 7000;
/** A machine that is busy writes later. A difference that is one stays one, however long it is looked at. */
const PATIENCE_MS = 45_000;
const LOOK_AGAIN_MS = 1000;

/** Compares everybody's books from a moment up to now, once everything that has begun by now has ended. */
export async function takeAccount(ports: AccountPorts, since: string): Promise<Account> {
  const { readBooks, subjects, clock, monotonicMs, sleep } = ports;
  const stretch = { since, until: clock().toISOString() };
  const giveUpAt = monotonicMs() + PATIENCE_MS;
  await sleep(SETTLE_MS);
  for (;;) {
    const account = compareBooks(await readBooks(since), subjects, stretch);
    if (agrees(account) || monotonicMs() > giveUpAt) return account;
    await sleep(LOOK_AGAIN_MS);
  }
}

const agrees = ({ database, provider, notices, strangers }: Account): boolean =>
  [database, provider, notices].every(({ differences }) => differences.length === 0) &&
  strangers.length === 0;
