import { describe, expect, it } from 'vitest';
import type { Dependent } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { create } from '../../lambdas/core/ports/ledger.ts';
import type { Notice } from '../../lambdas/core/ports/propagator.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { anEntry } from './an-audit-entry.ts';
import { anAdvance, anEvent } from './an-event.ts';
import { countedBytes, countedIds, seededRandom, token } from './counted-ids.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { FakeClock } from './fake-clock.ts';
import { FAULTS, faultAt, faulty, noFaults, ProcessDied, seededFaults, withEveryFault } from './faulty.ts';
import { ContractBreach, Judge } from './judge.ts';
import { LocalTargets } from './local-targets.ts';
import { MemoryAudit } from './memory-audit.ts';
import { MemoryBus } from './memory-bus.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryVault } from './memory-vault.ts';
import { RecordingPropagator } from './recording-propagator.ts';

const breach = expect.any(ContractBreach);

describe('a judge', () => {
  it('remembers a breach that was caught', () => {
    const judge = new Judge();
    try {
      judge.demand(false, 'a rule was broken');
    } catch {
      // What a use case may do.
    }
    expect(() => judge.assertClean()).toThrow('a rule was broken');
  });

  it('finds a forbidden value in every spelling, and a Secret that was turned into text', () => {
    const value = 'c4n4ry/with "quotes"';
    const spellings = [
      value,
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('hex'),
      encodeURIComponent(value),
      JSON.stringify({ value }),
      JSON.stringify({ value: new Secret(value) }),
    ];
    for (const text of spellings) {
      const judge = new Judge();
      judge.forbid(value);
      expect(() => judge.inspect('a log', `before ${text} after`)).toThrow(breach);
    }
    const judge = new Judge();
    judge.forbid(value);
    expect(() => judge.inspect('a log', { fine: 'c4n4ry' })).not.toThrow();
  });
});

describe('the fakes judge', () => {
  it('an untested cut-over in the vault, and a second value where nothing runs twice', async () => {
    const vault = new MemoryVault({ secondValue: 'breach' });
    vault.createSecret('s');
    await vault.putFirst('s', token(1), new Secret('one'));
    await expect(vault.putFirst('s', token(2), new Secret('two'))).rejects.toEqual(breach);
    await vault.putPending('s', token(3), new Secret('three'));
    await expect(vault.putPending('s', token(3), new Secret('four'))).rejects.toEqual(breach);
    expect(() => vault.judge.assertClean()).toThrow(breach);
    expect(vault.holderOf('s', 'AWSCURRENT')).toBe(token(1));
  });

  it('a secret in a ledger row, one row twice, and an event id with two contents', async () => {
    const ledger = new MemoryLedger();
    ledger.judge.forbid('c4n4ry');
    const row = create('credential', 'c', 'state', { fence: 1, current: 'c4n4ry' });
    await expect(ledger.commit([row])).rejects.toEqual(breach);
    const fine = create('credential', 'c', 'state', { fence: 1 });
    await expect(ledger.commit([fine, fine])).rejects.toEqual(breach);
    await ledger.commit([], [anAdvance(1)]);
    await expect(ledger.commit([], [{ ...anAdvance(1), environment: 'other' }])).rejects.toEqual(breach);
    expect(ledger.rows('credential')).toEqual([]);
  });

  it('an audit entry that comes back with another content', async () => {
    const audit = new MemoryAudit();
    await audit.appender.append(anEntry(1));
    await audit.appender.append(anEntry(1));
    await expect(audit.appender.append({ ...anEntry(1), action: 'revoke' })).rejects.toEqual(breach);
    const [record] = await audit.read('vector-store', 1, 1);
    expect(Object.isFrozen(record) && Object.isFrozen(record?.entry)).toBe(true);
  });

  it('an event to a function that nobody wired', async () => {
    const bus = new MemoryBus({ clock: new FakeClock().now });
    await bus.publish([anEvent(1, 'reconcile.due', {})]);
    await bus.deliverDue();
    expect(() => bus.judge.assertClean()).toThrow('the routes name reconcile');
  });

  it('a metric with the wrong verb or the wrong labels', () => {
    const metrics = new CountingMetrics();
    expect(() => metrics.gauge('lockstep_rotations', { outcome: 'retired', kind: 'x' }, 1)).toThrow(breach);
    expect(() => metrics.count('lockstep_rotations', { outcome: 'retired' })).toThrow(breach);
    metrics.count('lockstep_rotations', { outcome: 'retired', kind: 'x' }, 2);
    expect(metrics.total('lockstep_rotations', { outcome: 'retired' })).toBe(2);
  });
});

describe('what the fakes of functions and propagators remember', () => {
  it('is every command, sent to whoever serves the family', async () => {
    const targets = new LocalTargets();
    await expect(targets.call('postgres', { do: 'prove', credential: 'c' })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    });
    targets.wire('postgres', async (command) => ({ works: command.do === 'prove' }));
    expect(await targets.call('postgres', { do: 'prove', credential: 'c' })).toEqual({ works: true });
    expect(targets.calls).toEqual([{ do: 'prove', credential: 'c' }]);
  });

  it('is every notice, and a breach where one changes its content', async () => {
    const propagator = new RecordingPropagator();
    propagator.failNext(new LockstepError('DEPENDENT_UNREACHABLE', 'not now'));
    await expect(propagator.tell(dependent, notice)).rejects.toMatchObject({ code: 'DEPENDENT_UNREACHABLE' });
    expect(await propagator.tell(dependent, notice)).toBe('told');
    expect(propagator.notices).toEqual([notice]);
    await expect(propagator.tell(dependent, { ...notice, version: 'other' })).rejects.toEqual(breach);
  });
});

describe('a stale read of the memory vault', () => {
  it('sees the secret as it was before the last write, while writes see it as it is', async () => {
    let isStale = false;
    const vault = new MemoryVault({ isStale: () => isStale });
    vault.createSecret('s');
    await vault.putFirst('s', token(1), new Secret('one'));
    await vault.putPending('s', token(2), new Secret('two'));
    isStale = true;
    expect((await vault.describe('s')).versions).toEqual({ [token(1)]: ['AWSCURRENT'] });
    await expect(vault.read('s', { version: token(2) })).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
    await vault.moveCurrent('s', { to: token(2), from: token(1) });
    expect((await vault.driven.describe('s')).versions[token(2)]).toEqual(['AWSCURRENT', 'AWSPENDING']);
  });
});

const dependent: Dependent = {
  name: 'rag-api',
  kind: 'webhook',
  workload: 'rag',
  cacheTtlSeconds: 60,
  settings: {},
};

const notice: Notice = {
  id: 'notice-1',
  at: '2026-01-01T00:00:00.000Z',
  environment: 'test',
  credential: 'c',
  kind: 'postgres',
  rotation: 'r',
  change: 'promoted',
  version: 'v',
  dependent: 'rag-api',
};

/** A counter that anybody can call from outside. */
class Counter {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  async increment(by: number): Promise<number> {
    this.#count += by;
    return this.#count;
  }
}

describe('a process with faults', () => {
  const story = async (fault: (typeof FAULTS)[number]) => {
    const counter = new Counter();
    const plan = faultAt(2, fault);
    const port = faulty('ledger', counter, plan);
    await port.increment(1);
    const error: unknown = await port.increment(10).catch((each: unknown) => each);
    const after = await port.increment(100).then(
      () => 'alive',
      () => 'dead',
    );
    return { error, after, count: counter.count, calls: plan.calls };
  };

  it('loses a call before its effect, or its answer after it', async () => {
    const call = await story('lose-call');
    expect(call.error).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect([call.after, call.count]).toEqual(['alive', 101]);
    const answer = await story('lose-answer');
    expect(answer.error).toBeInstanceOf(LockstepError);
    expect([answer.after, answer.count]).toEqual(['alive', 111]);
    expect(answer.calls).toEqual(['ledger.increment', 'ledger.increment', 'ledger.increment']);
  });

  it('dies before a call or right after it, and has no effect from then on', async () => {
    const before = await story('die-before');
    expect(before.error).toBeInstanceOf(ProcessDied);
    expect([before.after, before.count]).toEqual(['dead', 1]);
    const after = await story('die-after');
    expect(after.error).toBeInstanceOf(ProcessDied);
    expect([after.after, after.count]).toEqual(['dead', 11]);
  });

  it('takes the answers of its other calls with it when it dies', async () => {
    const plan = noFaults();
    let land = (): void => undefined;
    const slow = faulty('vault', { read: () => new Promise<void>((resolve) => (land = resolve)) }, plan);
    const reading = slow.read();
    plan.kill();
    land();
    await expect(reading).rejects.toBeInstanceOf(ProcessDied);
  });
});

describe('a plan of faults', () => {
  it('leaves properties, and what answers at once, alone', () => {
    const plan = faultAt(1, 'die-before');
    const port = faulty('target', { capabilities: { slots: 2 }, keyOf: (text: string) => text.length }, plan);
    expect(port.capabilities.slots).toBe(2);
    expect(port.keyOf('four')).toBe(4);
    expect(plan.calls).toEqual([]);
  });

  it('fails the same calls for the same seed, and none at the end', async () => {
    const run = async (seed: number): Promise<readonly string[]> => {
      const port = faulty(
        'bus',
        new Counter(),
        seededFaults(seed, { rate: 0.5, until: 20, kinds: ['lose-call'] }),
      );
      const answers: string[] = [];
      for (let call = 0; call < 30; call += 1)
        answers.push(
          await port.increment(1).then(
            () => 'ok',
            () => 'lost',
          ),
        );
      return answers;
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    expect(first.slice(0, 20)).toContain('lost');
    expect(first.slice(20)).not.toContain('lost');
  });

  it('is told through every fault at every call', async () => {
    const told: string[] = [];
    const calls = await withEveryFault(async (plan, fault) => {
      told.push(fault);
      const port = faulty('bus', new Counter(), plan);
      await port.increment(1).catch(() => undefined);
      await port.increment(1).catch(() => undefined);
    });
    expect(calls).toBe(2);
    expect(told).toHaveLength(1 + 2 * FAULTS.length);
  });
});

describe('time, ids and bytes of a test', () => {
  it('wakes sleepers in the order of their time, and lets each do its work before the next', async () => {
    const clock = new FakeClock();
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name} ${clock.now().toISOString()}`);
      if (name === 'a') await sleeper('a again', 500);
    };
    void sleeper('b', 2000);
    void sleeper('a', 1000);
    await clock.advance(3);
    expect(woken).toEqual([
      'a 2026-01-01T00:00:01.000Z',
      'a again 2026-01-01T00:00:01.500Z',
      'b 2026-01-01T00:00:02.000Z',
    ]);
  });

  it('lets a clock jump without waking anybody', async () => {
    const clock = new FakeClock();
    let isAwake = false;
    void clock.sleep(1000).then(() => (isAwake = true));
    clock.jump(3600);
    await clock.advance(0.5);
    expect(isAwake).toBe(false);
    expect(clock.now().toISOString()).toBe('2026-01-01T01:00:00.500Z');
    await clock.advance(0.5);
    expect(isAwake).toBe(true);
  });

  it('never repeats an id or bytes within a test, and repeats them in the next run', () => {
    const [ids, again] = [countedIds(), countedIds()];
    expect([ids(), ids()]).toEqual([again(), again()]);
    expect(ids()).toMatch(/^[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}$/);
    const [bytes, same] = [countedBytes(), countedBytes()];
    const first = bytes(40);
    expect(first).toHaveLength(40);
    expect(bytes(40)).not.toEqual(first);
    expect(same(40)).toEqual(first);
    const random = seededRandom(1);
    const numbers = Array.from({ length: 1000 }, () => random());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(new Set(numbers).size).toBeGreaterThan(990);
  });
});
