import { aroundEach, describe, expect, it } from 'vitest';
import { mended } from './it-deviates.ts';
import type { Deviation } from './table.ts';

/** A test that fails on a bed because of a deviation. */
export interface KnownFailure {
  readonly because: Deviation;
  /** What the failure says. Any other failure of the same test is one. */
  readonly says: RegExp;
}

/** Known failures by the name of the test. */
export type KnownFailures = Readonly<Record<string, KnownFailure>>;

/** How a test ended, as Vitest keeps it. */
export interface Ending {
  readonly state: string;
  readonly errors?: readonly { readonly message: string }[] | undefined;
}

/**
 * Runs a suite as it is on a bed that is known to fail some of it. A failure that is known, with what it is known to
 * say, passes; one that does not come any more fails, and so does one that no test has.
 */
export function describeWithFailures(bed: string, known: KnownFailures, define: () => void): void {
  describe(`on ${bed}`, () => {
    aroundEach(async (runTest, { task }) => {
      await runTest();
      const failure = known[task.name];
      if (!failure || !task.result) return;
      const judged = verdict(failure, task.result);
      if (judged === 'mended') throw new Error(mended(failure.because.id, failure.because.bed));
      if (judged === 'known') Object.assign(task.result, { state: 'pass', errors: undefined });
    });
    define();
    it('fails in tests that there are', ({ task }) => {
      expect(namesIn(task.suite)).toEqual(expect.arrayContaining(Object.keys(known)));
    });
  });
}

/** What the ending of a test says about a known failure. Of several errors, each has to be the known one. */
export function verdict(
  { says }: KnownFailure,
  { state, errors = [] }: Ending,
): 'known' | 'mended' | 'another' {
  if (state !== 'fail') return 'mended';
  return errors.length > 0 && errors.every(({ message }) => says.test(message)) ? 'known' : 'another';
}

interface Task {
  readonly name: string;
  readonly tasks?: readonly Task[];
}

const namesIn = (task: Task | undefined): readonly string[] =>
  task ? [task.name, ...(task.tasks ?? []).flatMap(namesIn)] : [];
