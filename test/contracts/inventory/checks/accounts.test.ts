import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const other = {
  kind: 'postgres',
  owner: 'platform',
  authority: 'db-admin',
  database: 'other',
  slots: ['other_a', 'rag_b'],
  ownerRole: 'other_owner',
  rotateEvery: { seconds: 604_800 },
};

it('refuses two credentials that would change one login, whatever the database', () => {
  expect(problemsWith({ 'credentials.other': other })).toEqual([
    {
      path: 'credentials.other',
      found: 'the account postgres://db.staging.example.com:5432/rag_b, which "store" changes as well',
      allowed: 'an account that no other credential changes, in this environment or another',
      mend: 'give each credential an account of its own',
    },
  ]);
  expect(problemsWith({ 'credentials.other': { ...other, slots: ['other_a', 'other_b'] } })).toEqual([]);
});

it("refuses the authority's own login as a slot", () => {
  expect(problemsWith({ 'credentials.store.slots': ['rag_a', 'lockstep_admin'] })).toMatchObject([
    {
      path: 'credentials.store',
      found: expect.stringContaining('/lockstep_admin, which "db-admin" changes as well'),
    },
  ]);
});

it('refuses one login in two environments, in whichever of them it is asked', () => {
  const one = { 'credentials.db-admin.endpoint': { host: 'DB.example.com' } };
  for (const [environment, rival] of [
    ['staging', 'production'],
    ['production', 'staging'],
  ] as const) {
    const problems = problemsWith(one, environment);
    expect(problems.map(({ path }) => path)).toEqual([
      'credentials.db-admin',
      'credentials.store',
      'credentials.store',
    ]);
    expect(problems[0]?.found).toBe(
      `the account postgres://db.example.com:5432/lockstep_admin, which "db-admin" in "${rival}" changes as well`,
    );
    expect(problems[0]?.mend).toContain(`a map with the keys "${rival}" and "${environment}"`);
  }
});

it('refuses one project in two environments for one credential', () => {
  expect(problemsWith({ 'credentials.model.project': 'proj_same' })).toMatchObject([
    {
      path: 'credentials.model',
      found: expect.stringContaining('which "model" in "production" changes as well'),
    },
  ]);
});

it('takes two servers that differ by their port', () => {
  expect(
    problemsWith({
      'credentials.db-admin.endpoint': {
        staging: { host: 'db.example.com', port: 5432 },
        production: { host: 'db.example.com', port: 5433 },
      },
    }),
  ).toEqual([]);
});

it('compares the embedded world with no environment of the file', () => {
  expect(
    problemsWith({ 'credentials.model.project': { staging: 'proj_local', production: 'proj_b' } }, 'local'),
  ).toEqual([]);
});
