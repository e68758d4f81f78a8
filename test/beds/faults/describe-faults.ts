import { beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../lambdas/core/errors.ts';
import { codeOf } from '../../ports/under-test.ts';
import { FAULTS, isSilent, type Fault, type FaultyBed } from './faulty-bed.ts';

/** An adapter in front of a bed that can be let fail. */
export interface FaultsUnderTest {
  readonly bed: FaultyBed;
  readonly cleanUp: () => Promise<void>;
}

/** One method of an adapter, and what its port promises of it. */
export interface FaultCase<S extends FaultsUnderTest> {
  readonly name: string;
  /** The call of AWS that goes wrong. */
  readonly action: string;
  /** What is said while it goes wrong for good. */
  readonly code: ErrorCode;
  /** How often it is sent then: the SDK's attempts, times the adapter's own. */
  readonly attempts: number;
  /** Faults by which it is never struck, or of which another test speaks. */
  readonly except?: readonly Fault[];
  /** Makes what it needs; nothing goes wrong yet. */
  readonly prepare?: (subject: S) => Promise<void>;
  readonly run: (subject: S) => Promise<unknown>;
  /** How it is made again by whoever has been told that it failed, where that differs. */
  readonly again?: (subject: S) => Promise<unknown>;
  /** Fails where the effect is not there, or is there twice although the port promises once. */
  readonly check: (subject: S, answer: unknown) => Promise<void>;
}

/**
 * Every fault against every case: once, so that the call goes through, and for good, so that it fails with its code
 * after as many attempts as it has, and converges when it is made again. Where nobody answers, the first case stands for
 * all: they share a client, and with it its patience.
 *
 * @param make an adapter with the settings of the product; impatient where calls are not answered
 */
export function describeFaults<S extends FaultsUnderTest>(
  name: string,
  make: (isImpatient: boolean) => Promise<S>,
  cases: readonly FaultCase<S>[],
): void {
  describe.concurrent(`${name}, struck by faults`, () => {
    beforeAll(() => warmUp(make, cases));

    for (const [index, each] of cases.entries())
      for (const fault of faultsOf(each.except, index === 0)) {
        it(`${each.name}: stands ${each.action} ${fault}, once`, () =>
          using(make, fault, each, async (subject) => {
            subject.bed.plan(each.action, fault);
            const before = subject.bed.calls(each.action).length;
            const answer = await each.run(subject);
            expect(subject.bed.calls(each.action).length - before).toBeGreaterThanOrEqual(2);
            await each.check(subject, answer);
          }));

        it(`${each.name}: says ${each.code} while ${each.action} is ${fault}, and converges after it`, () =>
          using(make, fault, each, async (subject) => {
            const before = subject.bed.calls(each.action).length;
            subject.bed.plan(each.action, fault, Number.POSITIVE_INFINITY);
            expect(await codeOf(each.run(subject))).toBe(each.code);
            expect(subject.bed.calls(each.action).length - before).toBe(each.attempts);
            subject.bed.mend();
            await each.check(subject, await (each.again ?? each.run)(subject));
          }));
      }
  });
}

const faultsOf = (except: readonly Fault[] = [], isFirst: boolean): readonly Fault[] =>
  FAULTS.filter((fault) => !except.includes(fault) && (isFirst || !isSilent(fault)));

/** Everything once without a fault: a bed takes its time when it is asked something for the first time. */
async function warmUp<S extends FaultsUnderTest>(
  make: (isImpatient: boolean) => Promise<S>,
  cases: readonly FaultCase<S>[],
): Promise<void> {
  for (const { prepare, run, check } of cases) {
    const subject = await make(false);
    await prepare?.(subject);
    await check(subject, await run(subject));
    await subject.cleanUp();
  }
}

async function using<S extends FaultsUnderTest>(
  make: (isImpatient: boolean) => Promise<S>,
  fault: Fault,
  { prepare }: FaultCase<S>,
  work: (subject: S) => Promise<void>,
): Promise<void> {
  const subject = await make(isSilent(fault));
  try {
    await prepare?.(subject);
    await work(subject);
  } finally {
    await subject.cleanUp();
  }
}
