import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

/** A credential with that many dependents, each with a workload of its own. */
function withDependents(count: number) {
  const names = Array.from({ length: count }, (_, at) => `reader-${at}`);
  const roles = names.map(
    (name) => [`workloads.${name}`, { role: `arn:aws:iam::111111111111:role/${name}` }] as const,
  );
  return {
    ...Object.fromEntries(roles),
    'credentials.model.boundTo': names,
    'credentials.model.dependents': names.map((name) => ({
      kind: 'poller',
      name,
      cacheTtl: { seconds: 60 },
    })),
  };
}

it('refuses more dependents than one commit of the ledger takes', () => {
  expect(problemsWith(withDependents(51))).toEqual([
    {
      path: 'credentials.model.dependents',
      found: '51 dependents',
      allowed: 'at most 50',
      mend: 'give part of them a credential of their own: a value that so many share is hard to retire',
    },
  ]);
});

it('takes as many as fit', () => {
  expect(problemsWith(withDependents(50))).toEqual([]);
});
