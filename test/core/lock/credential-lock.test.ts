import { describe, expect, it } from 'vitest';
import { withLock, type HeldLock } from '../../../lambdas/core/lock/credential-lock.ts';
import { countedIds } from '../../fakes/counted-ids.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { faultAt, faulty } from '../../fakes/faulty.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import { codeOf } from '../../ports/under-test.ts';

function aLock() {
  const ledger = new MemoryLedger();
  const clock = new FakeClock();
  const hold = <T>(holder: string, work: (lock: HeldLock) => Promise<T>, ...credentials: string[]) =>
    withLock(
      ledger,
      clock.now,
      credentials.length > 0 ? credentials : ['store'],
      { holder, seconds: 60 },
      work,
    );
  return { ledger, clock, hold };
}

/** Work that tells when it has begun and lasts until the test ends it. */
function lasting() {
  let end = (): void => undefined;
  let begun = (): void => undefined;
  const lasts = new Promise<void>((resolve) => (end = resolve));
  const begins = new Promise<void>((resolve) => (begun = resolve));
  const work = async (): Promise<void> => {
    begun();
    await lasts;
  };
  return { work, begins, end };
}

describe('a lock', () => {
  it('lets nobody in while somebody holds it, and says when to come back', async () => {
    const { hold } = aLock();
    const first = lasting();
    const holding = hold('first', first.work);
    await first.begins;

    await expect(hold('second', async () => 'in')).rejects.toMatchObject({
      code: 'LOCK_HELD',
      retryAfterSeconds: 5,
    });

    first.end();
    await holding;
    expect(await hold('second', async () => 'in')).toBe('in');
  });

  it('is released also when the work fails', async () => {
    const { hold } = aLock();

    await expect(hold('first', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');

    expect(await hold('second', async () => 'in')).toBe('in');
  });

  it('falls to the next one when a holder that died has had its time', async () => {
    const { ledger, clock, hold } = aLock();
    void hold('dead', () => new Promise(() => undefined));
    await clock.advance(59);
    expect(await codeOf(hold('second', async () => 'in'))).toBe('LOCK_HELD');

    await clock.advance(1);

    expect(await hold('second', async () => 'in')).toBe('in');
    // each taking raises the fence
    expect((await ledger.read('lock', 'store', 'lock'))?.body.fence).toBe(2);
  });

  it('tells a holder that stood still too long that it holds it no more', async () => {
    const { clock, hold } = aLock();
    const stale = hold('stale', async (lock) => {
      await clock.sleep(61_000);
      await lock.assertHeld();
    });
    const outcome = codeOf(stale);

    await clock.advance(61);

    expect(await outcome).toBe('LOCK_HELD');
  });

  it('is free for everybody once released, also when the clock is set back by a day', async () => {
    const { clock, hold } = aLock();
    await hold('first', async () => undefined);

    clock.jump(-86_400);

    expect(await hold('second', async () => 'in')).toBe('in');
  });
});

describe('a lock that is kept', () => {
  it('runs out by itself, and is released where it was let go again', async () => {
    const { clock, hold } = aLock();
    await hold('first', async (lock) => {
      lock.keep();
      lock.letGo();
    });
    await hold('second', async (lock) => lock.keep());

    expect(await codeOf(hold('third', async () => 'in'))).toBe('LOCK_HELD');

    await clock.advance(60);
    expect(await hold('third', async () => 'in')).toBe('in');
  });

  it('is taken at once by whoever comes for the same purpose, and by nobody else', async () => {
    const { ledger, clock, hold } = aLock();
    const countedId = countedIds();
    const comeFor = (purpose: string, work: (lock: HeldLock) => Promise<unknown>) =>
      withLock(ledger, clock.now, ['store'], { holder: countedId(), seconds: 60, purpose }, work);
    await comeFor('promotion', async (lock) => lock.keep());

    expect(await codeOf(hold('another', async () => 'in'))).toBe('LOCK_HELD');
    expect(await codeOf(comeFor('clean-up', async () => 'in'))).toBe('LOCK_HELD');
    expect(await comeFor('promotion', async () => 'in')).toBe('in');

    // what was finished is released, and nothing of the purpose is left
    expect(await hold('another', async () => 'in')).toBe('in');
    const first = lasting();
    const holding = comeFor('promotion', first.work);
    await first.begins;
    expect(await codeOf(comeFor('promotion', async () => 'in'))).toBe('LOCK_HELD');
    first.end();
    await holding;
  });
});

describe('a lock of several credentials', () => {
  it('is taken in one order, so that two holders cannot lock each other out', async () => {
    const { ledger, hold } = aLock();
    const taken: string[] = [];
    await hold(
      'first',
      async () => {
        for (const { credential } of ledger.rows('lock')) taken.push(credential);
      },
      'c',
      'a',
      'b',
    );
    expect(taken).toEqual(['a', 'b', 'c']);
  });

  it('holds none where one of them is taken', async () => {
    const { hold } = aLock();
    const first = lasting();
    const holding = hold('first', first.work, 'b');
    await first.begins;

    expect(await codeOf(hold('second', async () => 'in', 'a', 'b', 'c'))).toBe('LOCK_HELD');

    expect(await hold('third', async () => 'in', 'a')).toBe('in');
    first.end();
    await holding;
  });
});

describe('a lock over a shaky ledger', () => {
  it.each(['lose-call', 'lose-answer'] as const)(
    'is never held by two when a commit meets %s',
    async (fault) => {
      const { ledger, clock } = aLock();
      for (let call = 1; call <= 4; call += 1) {
        const plan = faultAt(call, fault);
        const shaky = faulty('ledger', ledger, plan);
        let inside = 0;
        const work = async (): Promise<void> => {
          inside += 1;
          expect(inside).toBe(1);
          await Promise.resolve();
          inside -= 1;
        };
        await Promise.allSettled([
          withLock(shaky, clock.now, ['store'], { holder: `a${call}`, seconds: 60 }, work),
          withLock(ledger, clock.now, ['store'], { holder: `b${call}`, seconds: 60 }, work),
        ]);
        // whatever was left behind is over when its time is
        await clock.advance(60);
        await withLock(ledger, clock.now, ['store'], { holder: `c${call}`, seconds: 60 }, work);
      }
    },
  );
});
