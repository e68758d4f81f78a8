import { beforeEach, describe, expect, it } from 'vitest';
import type { Books } from '../../../embedded/view/compare-books.ts';
import type { BookedAttempt } from '../../../embedded/view/match-attempts.ts';
import { takeAccount, type AccountPorts } from '../../../embedded/view/take-account.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const NONE: Books = {
  logins: [],
  calls: [],
  notices: [],
  statements: [],
  readsFailed: [],
  database: [],
  provider: [],
  told: [],
  knownNotices: new Set(),
  own: [],
};

let clock: FakeClock;
let slept: number;
beforeEach(() => {
  clock = new FakeClock();
  slept = 0;
});

/** An attempt so many seconds after the start, as both books have it. */
const attempt = (second: number, parts: Partial<BookedAttempt> = {}): BookedAttempt => {
  const at = new Date(Date.parse('2026-01-01T00:00:00.000Z') + second * 1000).toISOString();
  return { began: at, ended: at, mark: `4${second}`, key: 'rag_a', outcome: 'served', ...parts };
};

const ports = (read: (look: number) => Partial<Books>): AccountPorts => {
  let look = 0;
  return {
    readBooks: async () => ({ ...NONE, ...read((look += 1)) }),
    subjects: { slots: new Map([['rag_a', 'vector-store']]), provider: undefined, used: [], leased: [] },
    clock: clock.now,
    monotonicMs: () => slept,
    sleep: async (milliseconds) => {
      slept += milliseconds;
      clock.jump(milliseconds / 1000);
    },
  };
};
const since = '2026-01-01T00:00:00.000Z';

describe('taking account', () => {
  it('waits until whatever has begun by now has ended, and looks once where the books agree', async () => {
    clock.jump(100);
    const account = await takeAccount(
      ports(() => ({ logins: [attempt(50)], database: [attempt(50)] })),
      since,
    );
    expect(account.database).toEqual({ served: 1, failed: 0, differences: [] });
    expect(slept).toBeGreaterThan(5000);
    expect(slept).toBeLessThan(8000);
  });

  it('looks again while a busy machine has not written everything down', async () => {
    clock.jump(100);
    const late = (look: number): Partial<Books> => ({
      database: [attempt(99)],
      logins: look < 4 ? [] : [attempt(99)],
    });
    const account = await takeAccount(ports(late), since);
    expect(account.database).toEqual({ served: 1, failed: 0, differences: [] });
  });

  it('gives up on what never comes: a difference stays one', async () => {
    clock.jump(100);
    const account = await takeAccount(
      ports(() => ({ database: [attempt(99, { outcome: 'failed' })] })),
      since,
    );
    expect(account.database.differences).toHaveLength(1);
    expect(slept).toBeGreaterThan(40_000);
  });

  it('waits for strangers to be known as well, and names those that nobody knows', async () => {
    clock.jump(100);
    const stranger = attempt(90, { key: 'postgres' });
    const known = await takeAccount(
      ports((look) => ({ database: [stranger], own: look < 3 ? [] : [{ ...stranger, began: since }] })),
      since,
    );
    expect(known.strangers).toEqual([]);
    expect(
      (
        await takeAccount(
          ports(() => ({ database: [stranger] })),
          since,
        )
      ).strangers,
    ).toHaveLength(1);
  });
});

describe('an account', () => {
  it('looks at what had begun when it was asked, however long it looks: what goes on meanwhile is of another time', async () => {
    clock.jump(100);
    const growing = (look: number): Partial<Books> => ({
      database: [attempt(99), attempt(100 + look)],
      logins: look < 3 ? [] : [attempt(99)],
    });
    const account = await takeAccount(ports(growing), since);
    expect(account.database).toEqual({ served: 1, failed: 0, differences: [] });
  });

  it('never leaves out an attempt that failed, for being late or alone', async () => {
    clock.jump(100);
    const failed = {
      logins: [attempt(99, { outcome: 'failed' })],
      database: [attempt(99, { outcome: 'failed' })],
    };
    expect(
      await takeAccount(
        ports(() => failed),
        since,
      ),
    ).toMatchObject({ failed: 1 });
    expect(
      await takeAccount(
        ports(() => ({ logins: failed.logins })),
        since,
      ),
    ).toMatchObject({ failed: 1 });
  });
});
