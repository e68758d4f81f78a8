import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { Deviation } from './table.ts';

/**
 * A test of a bed's deviation: passes as long as the bed does what the table says of it. Fails when it has mended itself,
 * and when it does something else again.
 */
export function itDeviates<T>(
  { id, bed, does }: Deviation,
  answers: { readonly bed: T; readonly aws: T },
  ask: () => Promise<T>,
): void {
  it(`${id}: ${does}`, async () => {
    const answer = await ask();
    if (isDeepStrictEqual(answer, answers.aws)) throw new Error(mended(id, bed));
    expect(answer).toEqual(answers.bed);
  });
}

/** What to do where a bed has become better. */
export const mended = (id: string, bed: string): string =>
  `${bed} has mended itself and does what AWS does: take ${id} out of deviations.md, and out of the tests whatever stood in for it`;
