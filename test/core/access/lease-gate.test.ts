import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  burstOf,
  GRACE_SECONDS,
  leaveGate,
  MOST_WAITING,
  passGate,
  waitForRoom,
  type GateAnswer,
  type GateLimits,
} from '../../../lambdas/core/access/lease-gate.ts';
import type { LeaseQuota } from '../../../lambdas/core/access/lease-rows.ts';
import { instant, secondsAfter } from '../../../lambdas/core/time.ts';

const HORIZON = 900;

/** A gate with its row and its clock, in milliseconds from a start. */
class Gate {
  quota: LeaseQuota | undefined;
  writes = 0;
  now = 0;
  readonly #limits: GateLimits;
  /** When each lease ends. */
  readonly ends: number[] = [];
  readonly #ttlMs: number;

  constructor(limits: GateLimits, ttlMs = 600_000) {
    this.#limits = limits;
    this.#ttlMs = ttlMs;
  }

  ask(holder: string): GateAnswer {
    this.#endDue();
    const ask = { holder, now: this.date, horizonSeconds: HORIZON };
    const passed = passGate(this.quota, this.#limits, ask);
    const answer =
      passed.gate === 'full' ? waitForRoom(this.quota, this.#limits, ask, this.#soonest()) : passed;
    if (answer.after) {
      this.quota = answer.after;
      this.writes += 1;
    }
    if (answer.gate === 'in') this.ends.push(this.now + this.#ttlMs);
    return answer;
  }

  get date(): Date {
    return new Date(Date.parse('2026-01-01T00:00:00.000Z') + this.now);
  }

  msOf(at: string): number {
    return Date.parse(at) - Date.parse('2026-01-01T00:00:00.000Z');
  }

  #soonest(): string | undefined {
    if (this.ends.length === 0) return undefined;
    return instant(new Date(this.date.getTime() + Math.max(0, Math.min(...this.ends) - this.now)));
  }

  #endDue(): void {
    const over = this.ends.filter((end) => end <= this.now);
    if (over.length === 0 || !this.quota) return;
    this.quota = leaveGate(this.quota, over.length);
    this.ends.splice(0, this.ends.length, ...this.ends.filter((end) => end > this.now));
  }
}

const limits = fc.record({
  total: fc.integer({ min: 1, max: 40 }),
  perMinute: fc.integer({ min: 1, max: 120 }),
});

/** Whoever was told a time comes at that time, or within its grace, and is let in. */
function comeBack(gate: Gate, told: Map<string, number>, lateMs: number): void {
  for (const [holder, at] of [...told].sort((a, b) => a[1] - b[1])) {
    if (at + lateMs > gate.now) continue;
    const before = gate.now;
    gate.now = at + lateMs;
    expect(gate.ask(holder).gate).toBe('in');
    gate.now = before;
    told.delete(holder);
  }
}

describe('a gate', () => {
  it('lets a quarter of a minute in at once, and the rest one by one', () => {
    const gate = new Gate({ total: 1000, perMinute: 20 });
    const answers = Array.from({ length: 6 }, (_, at) => gate.ask(`person:${at}`));
    expect(answers.map(({ gate: said }) => said)).toEqual(['in', 'in', 'in', 'in', 'in', 'wait']);
    expect(burstOf({ total: 1000, perMinute: 20 })).toBe(5);
  });

  it('says when to come back, and coming back then works, whoever else asks meanwhile', () => {
    const asks = fc.array(fc.record({ who: fc.nat({ max: 12 }), afterMs: fc.nat({ max: 4000 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        asks,
        fc.nat({ max: GRACE_SECONDS * 1000 }),
        (perMinute, all, late) => {
          const gate = new Gate({ total: 100_000, perMinute }, 1e12);
          const told = new Map<string, number>();
          for (const { who, afterMs } of all) {
            gate.now += afterMs;
            comeBack(gate, told, late);
            const holder = `agent:${who}`;
            const answer = gate.ask(holder);
            const promised = told.get(holder);
            const at = answer.gate === 'wait' ? gate.msOf(answer.at) : gate.now;
            // nobody is let in before the time it was told, and asked again before it, it is told the same
            expect(answer.gate === 'wait' ? at === (promised ?? at) : (promised ?? at) <= at).toBe(true);
            expect(at > gate.now).toBe(answer.gate === 'wait');
            told.delete(holder);
            if (answer.gate === 'wait') told.set(holder, at);
          }
        },
      ),
    );
  });
});

describe('the limits of a gate', () => {
  it('give no minute more turns than its leases', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.array(fc.record({ who: fc.nat({ max: 30 }), afterMs: fc.nat({ max: 900 }) }), { maxLength: 400 }),
        (perMinute, asks) => {
          const gate = new Gate({ total: 100_000, perMinute }, 1e12);
          const turns: number[] = [];
          for (const { who, afterMs } of asks) {
            gate.now += afterMs;
            const waited = gate.quota?.waiting?.[`agent:${who}`];
            if (gate.ask(`agent:${who}`).gate === 'in') turns.push(waited ? gate.msOf(waited.at) : gate.now);
          }
          turns.sort((a, b) => a - b);
          for (const start of turns)
            expect(turns.filter((turn) => turn >= start && turn < start + 60_000).length).toBeLessThanOrEqual(
              perMinute,
            );
        },
      ),
    );
  });

  it('never let more in than there is room', () => {
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.record({ who: fc.nat({ max: 9 }), afterMs: fc.nat({ max: 30_000 }) }), {
          maxLength: 200,
        }),
        (of, asks) => {
          const gate = new Gate(of, 60_000);
          for (const { who, afterMs } of asks) {
            gate.now += afterMs;
            gate.ask(`agent:${who}`);
            expect(gate.ends.length).toBeLessThanOrEqual(of.total);
            expect(gate.quota?.live ?? 0).toBe(gate.ends.length);
          }
        },
      ),
    );
  });
});

describe('a holder that floods', () => {
  it('has one turn of each round, and costs no write while it waits', () => {
    const gate = new Gate({ total: 100_000, perMinute: 12 }, 1e12);
    const others = ['agent:a', 'agent:b', 'agent:c'];
    const got = new Map<string, number>();
    const told = new Map<string, number>();
    for (; gate.now < 600_000; gate.now += 500) {
      // the flood asks ten times in each half second, the others when they were told to come
      for (let ask = 0; ask < 10; ask += 1) count(gate.ask('agent:flood'), 'agent:flood');
      for (const other of others) if ((told.get(other) ?? 0) <= gate.now) count(gate.ask(other), other);
    }
    function count(answer: GateAnswer, holder: string): void {
      if (answer.gate === 'in') got.set(holder, (got.get(holder) ?? 0) + 1);
      told.set(holder, answer.gate === 'wait' ? gate.msOf(answer.at) : 0);
    }
    const shares = [...got.values()];
    expect(shares).toHaveLength(4);
    // apart from its burst, as many as everybody: the last round may be one that is not over yet
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(
      burstOf({ total: 0, perMinute: 12 }) + 1,
    );
    // each turn was one write to book and one to take
    expect(gate.writes).toBeLessThanOrEqual(2 * shares.reduce((sum, share) => sum + share, 0) + 4);
  });

  it('does not take the room that others wait for', () => {
    const gate = new Gate({ total: 2, perMinute: 1000 }, 60_000);
    gate.ask('agent:flood');
    gate.now += 10;
    gate.ask('agent:flood');
    gate.now += 10;
    const other = gate.ask('agent:other');
    expect(other.gate).toBe('wait');
    // the first lease is over, and the flood asks a moment before whoever waits for its room
    gate.now = 60_000;
    expect(gate.ask('agent:flood').gate).toBe('wait');
    expect(gate.ask('agent:other').gate).toBe('in');
    gate.now = 61_000;
    expect(gate.ask('agent:flood').gate).toBe('in');
  });

  it('gets everybody in who waits for room, in so many rounds as there are of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 8 }), (total, waiters) => {
        const gate = new Gate({ total, perMinute: 10_000 }, 60_000);
        while (gate.ask('agent:flood').gate === 'in') gate.now += 10;
        const missing = new Set(Array.from({ length: waiters }, (_, at) => `agent:${at}`));
        const told = new Map<string, number>([...missing].map((holder) => [holder, gate.now]));
        let rounds = 0;
        while (missing.size > 0) {
          gate.now = Math.min(...[...missing].map((holder) => told.get(holder) ?? 0));
          gate.ask('agent:flood');
          for (const holder of missing) {
            const answer = gate.ask(holder);
            if (answer.gate === 'in') missing.delete(holder);
            else told.set(holder, answer.gate === 'wait' ? gate.msOf(answer.at) : 0);
          }
          rounds += 1;
          expect(rounds).toBeLessThan(4 * (waiters + 2));
        }
      }),
    );
  });
});

describe('the line before a gate', () => {
  it('forgets who does not come', () => {
    const gate = new Gate({ total: 1, perMinute: 1000 }, 60_000);
    gate.ask('agent:a');
    gate.ask('agent:b');
    gate.now = 60_000 + (GRACE_SECONDS + 1) * 1000;
    expect(gate.ask('agent:c').gate).toBe('in');
    expect(gate.quota?.waiting).toBeUndefined();
  });

  it('is not longer than a row may be; whoever comes then is told a time all the same', () => {
    const gate = new Gate({ total: 100_000, perMinute: 1 }, 1e12);
    gate.ask('agent:first');
    for (let at = 0; at < MOST_WAITING; at += 1) gate.ask(`agent:${at}`);
    const answer = gate.ask('agent:one-too-many');
    expect(answer.gate).toBe('wait');
    expect(answer.gate === 'wait' && answer.after).toBeFalsy();
    expect(Object.keys(gate.quota?.waiting ?? {})).toHaveLength(MOST_WAITING);
  });

  it('does not make anybody wait for a time that a wrong clock has written', () => {
    const gate = new Gate({ total: 100_000, perMinute: 6 }, 1e12);
    gate.ask('agent:a');
    gate.ask('agent:b');
    // an hour ahead, and back
    gate.now = 3_600_000;
    gate.ask('agent:a');
    gate.ask('agent:c');
    gate.now = 1000;
    const answer = gate.ask('agent:c');
    const at = answer.gate === 'wait' ? gate.msOf(answer.at) : 0;
    expect(at - gate.now).toBeLessThanOrEqual(2 * 12_000);
    gate.now = at;
    expect(gate.ask('agent:c').gate).toBe('in');
  });

  it('does not promise room later than a lease can last', () => {
    const gate = new Gate({ total: 1, perMinute: 1000 }, 600_000);
    gate.ask('agent:a');
    gate.now = 86_400_000;
    gate.ends.splice(0, 1, 86_400_000 + 600_000);
    gate.ask('agent:b');
    gate.now = 0;
    const answer = passGate(
      gate.quota,
      { total: 1, perMinute: 1000 },
      {
        holder: 'agent:b',
        now: gate.date,
        horizonSeconds: HORIZON,
      },
    );
    expect(answer.gate === 'wait' && answer.at).toBe(secondsAfter(instant(gate.date), HORIZON));
  });
});

describe('what a gate goes by', () => {
  const now = new Date('2026-01-01T12:00:00.000Z');
  const at = (seconds: number): string => secondsAfter(instant(now), seconds);
  const ask = { holder: 'agent:me', now, horizonSeconds: HORIZON };
  /** A quarter of four is one: a turn every fifteen seconds. */
  const four = { total: 10, perMinute: 4 };

  it('is the minute as well for whoever waited for room: a place in that line is no turn', () => {
    const waited = { 'agent:me': { at: at(0), isTurn: false } };
    const answer = passGate({ live: 0, free: at(10), waiting: waited }, four, ask);
    expect(answer).toMatchObject({ gate: 'wait', at: at(10) });
    const turn = { 'agent:me': { at: at(0), isTurn: true } };
    expect(passGate({ live: 0, free: at(10), waiting: turn }, four, ask).gate).toBe('in');
  });

  it('is the turns that are really before a newcomer, whatever a clock has written as free', () => {
    const answer = passGate({ live: 0, free: at(86_400) }, four, ask);
    expect(answer).toMatchObject({ gate: 'wait', at: at(15) });
  });

  it('is a row that holds so many: who waits for room behind them is told a time, and nothing is written', () => {
    const waiting = Object.fromEntries(
      Array.from({ length: MOST_WAITING }, (_, number) => [`agent:${number}`, { at: at(30), isTurn: false }]),
    );
    expect(waitForRoom({ live: 10, waiting }, four, ask, at(60))).toEqual({ gate: 'wait', at: at(60) });
  });
});
