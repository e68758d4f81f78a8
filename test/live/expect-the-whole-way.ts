import { expect } from 'vitest';
import type { WholeWay } from './the-whole-way-round.ts';

/** What must be true of the whole way round, in whatever world it was gone. */
export function expectTheWholeWay(seen: WholeWay): void {
  expect(seen.firstRotation.rotation).toMatchObject({
    phase: 'retired',
    adopted: [{ by: 'acknowledgement' }],
  });
  expect(seen.forgery).toContain('ACKNOWLEDGEMENT_REFUSED');
  expect(seen.afterRollBack).toMatchObject({
    current: seen.firstRotation.current,
    rotation: { phase: 'rolled-back' },
  });
  expect(seen.auditVerifies).toBe(true);
  for (const action of ['put-pending', 'promote', 'revoke', 'restore'])
    expect(seen.audited).toEqual(expect.arrayContaining([`intent ${action}`, `outcome ${action}`]));
}
