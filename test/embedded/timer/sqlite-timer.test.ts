import { describe, expect, it } from 'vitest';
import { SqliteTimer } from '../../../embedded/timer/sqlite-timer.ts';
import { secondsAfter } from '../../../lambdas/core/time.ts';
import { anAdvance } from '../../fakes/an-event.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { inTempFolder, type TempFolder } from '../../fakes/temp-folder.ts';

/** A timer in a folder over a clock that outlives it. */
function aTimer(folder: TempFolder, clock: FakeClock, publish?: (ids: readonly string[]) => Promise<void>) {
  const fired: string[] = [];
  const errors: unknown[] = [];
  const timer = new SqliteTimer({
    path: folder.at('timers.sqlite'),
    clock: clock.now,
    sleep: clock.sleep,
    publish: async (events) => {
      const ids = events.map(({ id }) => id);
      await publish?.(ids);
      fired.push(...ids);
    },
    onError: (error) => errors.push(error),
  });
  return { timer, fired, errors };
}

const inSeconds = (clock: FakeClock, seconds: number): string =>
  secondsAfter(clock.now().toISOString(), seconds);

describe('a timer whose process ends', () => {
  const folder = inTempFolder();

  it('fires late what came due while nobody was there', async () => {
    const clock = new FakeClock();
    const first = aTimer(folder(), clock);
    await first.timer.schedule('a', inSeconds(clock, 60), anAdvance(1));
    first.timer.close();
    await clock.advance(3600);
    const next = aTimer(folder(), clock);
    next.timer.start();
    await clock.advance(0);
    expect(next.fired).toEqual(['event-1']);
    await next.timer.stop();
    next.timer.close();
  });

  it('fires again what was published and not yet removed', async () => {
    const clock = new FakeClock();
    const first = aTimer(folder(), clock, async () => first.timer.close());
    await first.timer.schedule('a', inSeconds(clock, 0), anAdvance(1));
    await expect(first.timer.fireDue()).rejects.toThrow('has been closed');
    const next = aTimer(folder(), clock);
    expect(await next.timer.fireDue()).toBe(1);
    expect(await next.timer.fireDue()).toBe(0);
    expect([first.fired, next.fired]).toEqual([['event-1'], ['event-1']]);
    next.timer.close();
  });
});

describe('a timer that is running', () => {
  const folder = inTempFolder();

  it('keeps what it could not publish, and tries again within a second', async () => {
    const clock = new FakeClock();
    let failures = 2;
    const { timer, fired, errors } = aTimer(folder(), clock, async () => {
      if (failures-- > 0) throw new Error('no bus');
    });
    timer.start();
    await timer.schedule('a', inSeconds(clock, 0), anAdvance(1));
    await clock.advance(3);
    expect(fired).toEqual(['event-1']);
    expect(errors).toHaveLength(2);
    await timer.stop();
    timer.close();
  });

  it('does not lose what is scheduled under the same id while it fires', async () => {
    const clock = new FakeClock();
    const { timer, fired } = aTimer(folder(), clock, async (ids) => {
      if (ids.includes('event-1')) await timer.schedule('a', inSeconds(clock, 60), anAdvance(2));
    });
    timer.start();
    await timer.schedule('a', inSeconds(clock, 0), anAdvance(1));
    await clock.advance(120);
    expect(fired).toEqual(['event-1', 'event-2']);
    await timer.stop();
    timer.close();
  });

  it('sees within a second that the clock was set forward, and is not early when it was set back', async () => {
    const clock = new FakeClock();
    const { timer, fired } = aTimer(folder(), clock);
    timer.start();
    await timer.schedule('a', inSeconds(clock, 7200), anAdvance(1));
    clock.jump(-3600);
    await clock.advance(7200);
    expect(fired).toEqual([]);
    clock.jump(7200);
    await clock.advance(1);
    expect(fired).toEqual(['event-1']);
    await timer.stop();
    timer.close();
  });
});
