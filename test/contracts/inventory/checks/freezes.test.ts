import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const freeze = { from: '2027-01-01T00:00:00Z', until: '2027-01-02T00:00:00Z', reason: 'a holiday' };

it.each([
  ['ends before it begins', { until: '2026-12-31T00:00:00Z' }],
  ['ends when it begins', { until: freeze.from }],
])('refuses a freeze that %s', (_, change) => {
  expect(problemsWith({ 'environments.staging.freezes': [freeze, { ...freeze, ...change }] })).toMatchObject([
    {
      path: 'environments.staging.freezes[1]',
      allowed: 'a freeze that ends after it has begun',
      mend: 'swap or correct from and until',
    },
  ]);
});

it.each(['2027-02-30T00:00:00Z', '2027-01-01', '2027-01-01T00:00:00+01:00', 'tomorrow'])(
  'refuses %s as an instant',
  (from) => {
    expect(problemsWith({ 'environments.staging.freezes': [{ ...freeze, from }] })).toMatchObject([
      {
        path: 'environments.staging.freezes[0].from',
        allowed: 'an instant in UTC, such as 2027-01-01T00:00:00Z',
      },
    ]);
  },
);

it('asks for a reason', () => {
  expect(problemsWith({ 'environments.staging.freezes': [{ ...freeze, reason: ' ' }] })).toMatchObject([
    { path: 'environments.staging.freezes[0].reason', allowed: 'why nothing may start, in a sentence' },
  ]);
});

it('takes a freeze, also in the embedded world', () => {
  expect(problemsWith({ 'environments.staging.freezes': [freeze] })).toEqual([]);
  expect(problemsWith({ 'environments.local.freezes': [freeze] }, 'local')).toEqual([]);
});
