import { expect, it } from 'vitest';
import { accessProblems } from './an-access-workspace.ts';
import { IDENTITY_PROBLEMS } from './identity-problems.ts';
import { anExchange, LEASE_PROBLEMS } from './lease-problems.ts';

it.each([...IDENTITY_PROBLEMS, ...LEASE_PROBLEMS])(
  'refuses $of, and says where, what was found, what is allowed and how to mend it',
  (each) => {
    const problems = accessProblems(each.change);
    expect(problems).toContainEqual(expect.objectContaining(each.problem));
    expect(problems.every(({ found, allowed, mend }) => found && allowed && mend)).toBe(true);
    // Nothing that only follows from it: one mistake is one problem.
    expect(problems.map(({ path }) => path)).toEqual([each.problem.path]);
  },
);

it('takes a lease for tokens of an issuer by whose tokens somebody can ask', () => {
  const lease = anExchange('https://ci.example.com', 'lockstep-staging');
  expect(accessProblems({ 'leases.vectors': lease })).toEqual([]);
});

it('takes people of two issuers whose directories the file names, and in the embedded world in any case', () => {
  const apart = { 'issuers.sessions.issuer': 'https://agents.example.com' };
  const named = {
    'issuers.people.people': 'staff',
    'issuers.people.claims': { groups: 'teams', subject: 'oid' },
    'issuers.sessions.people': 'staff',
  };
  expect(accessProblems({ ...apart, ...named })).toEqual([]);
  expect(accessProblems({ 'issuers.people.people': 'staff' }, 'local')).toEqual([]);
});

it('refuses a role called like a workload where both have an identity by name', () => {
  const change = { 'roles.api': { groups: [{ issuer: 'people', group: 'api' }] } };
  expect(accessProblems(change)).toEqual([]);
  expect(accessProblems(change, 'local')).toMatchObject([
    { path: 'roles.api', found: 'the name "api", which a workload has' },
  ]);
});

it('never shows a value that a person pasted into the file', () => {
  const pasted = 'sk-proj-A1b2C3d4E5f6G7h8I9j0';
  const problems = [
    ...accessProblems({ 'leases.model-session.purposes': [pasted] }),
    ...accessProblems({ 'leases.model-session.authority': pasted }),
    ...accessProblems({ 'issuers.ci.audience': { [pasted]: pasted } }),
    ...accessProblems({ [`roles.${pasted}`]: {} }),
    ...accessProblems({
      'leases.model-session.egress.0.put': { into: 'header', name: pasted, field: pasted },
    }),
    ...accessProblems({ 'workloads.ci.tokens': [{ issuer: pasted, claims: { sub: pasted } }] }),
  ];
  expect(problems.length).toBeGreaterThan(6);
  expect(JSON.stringify(problems)).not.toContain('A1b2C3');
});
