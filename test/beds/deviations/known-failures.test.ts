import { expect, it } from 'vitest';
import { verdict, type KnownFailure } from './known-failures.ts';
import { deviations } from './table.ts';

const [because] = deviations();
if (!because) throw new TypeError('there are deviations');
const failure: KnownFailure = { because, says: /expected 'none' to be 'VERSION_CONFLICT'/ };
const known = { message: "expected 'none' to be 'VERSION_CONFLICT' // Object.is equality" };

it('knows a failure again by what it says', () => {
  expect(verdict(failure, { state: 'fail', errors: [known] })).toBe('known');
});

it('takes no other failure of the same test for it', () => {
  expect(verdict(failure, { state: 'fail', errors: [{ message: 'connect ECONNREFUSED' }] })).toBe('another');
  expect(verdict(failure, { state: 'fail', errors: [known, { message: 'and another' }] })).toBe('another');
  expect(verdict(failure, { state: 'fail' })).toBe('another');
});

it('says that a bed has mended itself when the test passes', () => {
  expect(verdict(failure, { state: 'pass' })).toBe('mended');
});
