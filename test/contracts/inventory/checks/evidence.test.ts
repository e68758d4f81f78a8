import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const evidence = { applicationName: 'worker', poolLifetime: { seconds: 600 } };

it('refuses evidence where the target shows no sessions', () => {
  expect(problemsWith({ 'credentials.model.dependents.0.evidence': evidence })).toEqual([
    {
      path: 'credentials.model.dependents[0].evidence',
      found: 'evidence by sessions, which targets of the kind openai do not show',
      allowed: 'no evidence: this kind needs acknowledgements',
      mend: 'remove evidence',
    },
  ]);
});

it('refuses evidence that fits two dependents', () => {
  expect(problemsWith({ 'credentials.store.dependents.0.evidence': evidence })).toEqual([
    {
      path: 'credentials.store.dependents[1].evidence.applicationName',
      found: 'the application name and client address of "api"',
      allowed: 'an application name or a client address that no other dependent of this credential has',
      mend: 'give each its own application name: sessions of one would count for the other',
    },
  ]);
});

it('takes one application name at two fixed addresses', () => {
  expect(
    problemsWith({
      'credentials.store.dependents.0.evidence': { ...evidence, clientAddress: '10.0.0.1' },
      'credentials.store.dependents.1.evidence.clientAddress': {
        staging: '10.0.0.2',
        production: '10.1.0.2',
      },
    }),
  ).toEqual([]);
});
