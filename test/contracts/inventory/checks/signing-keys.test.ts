import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const KEY = 'credentials.store.dependents.0.signingKey';
const secondKey = {
  kind: 'random',
  owner: 'platform',
  rotateEvery: { seconds: 2_592_000 },
  boundTo: ['api'],
  dependents: [
    {
      kind: 'webhook',
      name: 'api',
      cacheTtl: { seconds: 300 },
      signingKey: 'second-hook',
      url: 'https://api.example.com/second',
    },
  ],
};

it('refuses a signing key that is not declared', () => {
  expect(problemsWith({ [KEY]: 'api-hok' })).toEqual([
    {
      path: 'credentials.store.dependents[0].signingKey',
      found: 'the signing key "api-hok", which is not declared',
      allowed: 'a credential of kind random: api-hook',
      mend: 'did you mean api-hook? Otherwise declare it in credentials with random()',
    },
  ]);
});

it('refuses a signing key of another kind', () => {
  expect(problemsWith({ [KEY]: 'model' })).toMatchObject([
    {
      found: '"model", a credential of kind openai',
      mend: 'name a random credential that only this receiver shares',
    },
  ]);
});

it('refuses a signing key that its receiver may not read', () => {
  const problems = problemsWith({ 'credentials.api-hook.boundTo': ['worker'] });
  expect(problems).toContainEqual({
    path: 'credentials.store.dependents[0].signingKey',
    found: 'the signing key "api-hook", which the workload "api" may not read',
    allowed: 'a signing key that the receiver can check signatures with',
    mend: 'add "api" to boundTo of "api-hook"',
  });
});

it('refuses one signing key for two receivers', () => {
  const problems = problemsWith({
    'credentials.model.dependents': [
      {
        kind: 'webhook',
        name: 'worker',
        cacheTtl: { seconds: 300 },
        signingKey: 'api-hook',
        url: 'https://worker.example.com/hook',
      },
    ],
    'credentials.api-hook.boundTo': ['api', 'worker'],
  });
  expect(problems).toContainEqual({
    path: 'credentials.model.dependents[0].signingKey',
    found: 'the signing key "api-hook", which signs for "api" already',
    allowed: 'one signing key for each receiver: whoever can check a signature can make one',
    mend: 'declare another random credential for "worker"',
  });
});

it('refuses a signing key that would change without its receiver', () => {
  expect(problemsWith({ 'credentials.api-hook.dependents': [] })).toContainEqual({
    path: 'credentials.store.dependents[0].signingKey',
    found: 'the signing key "api-hook", of which the receiver "api" is no dependent',
    allowed: 'a signing key that waits for its receiver before the old one goes',
    mend: 'add a dependent with the workload "api" to "api-hook"',
  });
});

it('refuses two signing keys for one URL', () => {
  const problems = problemsWith({ 'credentials.second-hook': secondKey, [KEY]: 'second-hook' });
  expect(problems).toMatchObject([
    {
      path: 'credentials.api-hook.dependents[0].signingKey',
      found: 'the signing key "api-hook", while the same URL is told with "second-hook" elsewhere',
    },
  ]);
});

it('takes a second key for a second URL of one receiver', () => {
  expect(
    problemsWith({
      'credentials.second-hook': secondKey,
      [KEY]: 'second-hook',
      'credentials.store.dependents.0.url': 'https://api.example.com/second',
    }),
  ).toEqual([]);
});
