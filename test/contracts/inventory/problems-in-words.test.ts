import { expect, it } from 'vitest';
import type { Problem } from '../../../lambdas/contracts/inventory/index.ts';
import { problemsWith } from './a-workspace.ts';

const PROBLEMS: readonly (readonly [string, Readonly<Record<string, unknown>>, Problem])[] = [
  [
    'a missing field',
    { 'credentials.store.database': undefined },
    {
      path: 'credentials.store.database',
      found: 'nothing',
      allowed:
        'the database that dependents log in to: 1 to 63 letters, digits, _ and -, not starting with a digit or pg_',
      mend: 'add database',
    },
  ],
  [
    'a mistyped field',
    { 'credentials.store.slot': ['rag_a', 'rag_b'], 'credentials.store.slots': undefined },
    {
      path: 'credentials.store.slot',
      found: 'a field that does not exist here, holding a list of 2 items',
      allowed:
        'the fields kind, owner, tier, rotateEvery, adopters, authority, boundTo, dependents, retire, database, slots, ownerRole',
      mend: 'did you mean slots? Otherwise remove it',
    },
  ],
  [
    'a mistyped field inside an endpoint',
    { 'credentials.db-admin.endpoint.staging.prot': 5433 },
    {
      path: 'credentials.db-admin.endpoint.staging.prot',
      found: 'a field that does not exist here, holding a number',
      allowed: 'the fields host, port, ca',
      mend: 'did you mean port? Otherwise remove it',
    },
  ],
  [
    'an item of the wrong form',
    { 'credentials.store.slots': ['rag_a', 'pg_b'] },
    {
      path: 'credentials.store.slots[1]',
      found: '"pg_b"',
      allowed: 'the second login role: 1 to 63 letters, digits, _ and -, not starting with a digit or pg_',
      mend: 'give item 2 of slots a value of that form',
    },
  ],
  [
    'two slots that are one',
    { 'credentials.store.slots': ['rag_a', 'rag_a'] },
    {
      path: 'credentials.store.slots',
      found: 'a list of 2 items',
      allowed: 'two different login roles, used in turn: 1 to 63 letters, digits, _ and - each',
      mend: 'give slots a value of that form',
    },
  ],
  [
    'a number where a duration is meant',
    { 'credentials.store.rotateEvery': 7 },
    {
      path: 'credentials.store.rotateEvery',
      found: '7',
      allowed: 'the cadence: a duration of whole seconds, as seconds(), minutes(), hours() or days() make it',
      mend: 'give rotateEvery a value of that form',
    },
  ],
  [
    'a fraction of a second',
    { 'credentials.store.rotateEvery': { seconds: 604_800.5 } },
    {
      path: 'credentials.store.rotateEvery.seconds',
      found: '604800.5',
      allowed: 'whole seconds, at least 0',
      mend: 'give seconds a value of that form',
    },
  ],
  [
    'a certificate that is none',
    {
      'credentials.db-admin.endpoint.staging.ca':
        '-----BEGIN PRIVATE KEY-----\nbm90IHJlYWw=\n-----END PRIVATE KEY-----\n',
    },
    {
      path: 'credentials.db-admin.endpoint.staging.ca',
      found: 'a text of 67 characters',
      allowed: 'the text of at most 32 KB of PEM certificates (of one region, not of all), and nothing else',
      mend: 'give ca a value of that form',
    },
  ],
  [
    'a dependent that is none',
    { 'credentials.model.dependents': ['worker'] },
    {
      path: 'credentials.model.dependents[0]',
      found: '"worker"',
      allowed: 'a dependent, as webhook() or poller() make it',
      mend: 'give item 1 of dependents a value of that form',
    },
  ],
  [
    'dependents that are no list',
    { 'credentials.model.dependents': { worker: {} } },
    {
      path: 'credentials.model.dependents',
      found: 'an object with worker',
      allowed: 'a list of dependents',
      mend: 'give dependents a value of that form',
    },
  ],
  [
    'an unknown kind of credential',
    { 'credentials.api-hook.kind': 'randon', 'credentials.api-hook.bytes': 32 },
    {
      path: 'credentials.api-hook.kind',
      found: '"randon"',
      allowed: 'a kind of credential: postgres, postgres-authority, openai, openai-authority, random',
      mend: 'did you mean random? Otherwise declare it with one of the builders of this package',
    },
  ],
  [
    'no kind at all',
    { 'credentials.model.dependents.0.kind': undefined },
    {
      path: 'credentials.model.dependents[0].kind',
      found: 'nothing',
      allowed: 'a kind of dependent: webhook, poller',
      mend: 'declare it with one of the builders of this package',
    },
  ],
  [
    'an authority with dependents',
    { 'credentials.db-admin.dependents': [] },
    {
      path: 'credentials.db-admin.dependents',
      found:
        'dependents, which a credential of kind postgres-authority does not have: an authority has no dependents: its only readers are the target functions of its family',
      allowed: 'the fields kind, owner, tier, rotateEvery, adopters, role, database, endpoint',
      mend: 'remove dependents',
    },
  ],
  [
    'an account for the embedded world',
    { 'environments.local.account': '111111111111' },
    {
      path: 'environments.local.account',
      found: 'account, in the environment local',
      allowed: 'the fields cadence, freezes: local is the embedded world, which lies in no account',
      mend: 'remove account, or give this environment another name',
    },
  ],
  [
    'an environment on AWS without an account',
    { 'environments.staging.account': undefined },
    {
      path: 'environments.staging.account',
      found: 'nothing',
      allowed: 'the id of an AWS account: 12 digits, in quotes',
      mend: 'add account',
    },
  ],
  [
    'a fast environment on AWS',
    { 'environments.staging.cadence': 'fast' },
    {
      path: 'environments.staging.cadence',
      found: 'cadence, in an environment on AWS',
      allowed:
        "the fields account, region, trail, freezes, onCall: only local may have other times than the file's",
      mend: 'remove cadence',
    },
  ],
  [
    'a value for an environment that is not declared',
    { 'credentials.model.project.prodution': 'proj_x' },
    {
      path: 'credentials.model.project.prodution',
      found: 'a value for the environment "prodution", which is not declared',
      allowed: 'staging, production',
      mend: 'did you mean production? Otherwise declare it in environments, or remove the key',
    },
  ],
  [
    'no value for this environment',
    { 'credentials.model.project.staging': undefined },
    {
      path: 'credentials.model.project.staging',
      found: 'nothing for the environment staging',
      allowed: 'the id of the project that the keys belong to: proj_…',
      mend: 'add it: one value for every environment, or a map with the key staging',
    },
  ],
  [
    'a value for local',
    { 'credentials.db-admin.endpoint.local': { host: '127.0.0.1' } },
    {
      path: 'credentials.db-admin.endpoint.local',
      found: 'a value for local: an object with host',
      allowed: 'values for environments on AWS; local takes this field from the embedded world',
      mend: 'remove the key local',
    },
  ],
];

it.each(PROBLEMS)('says of %s what was found, what is allowed and how to mend it', (_, change, problem) => {
  expect(problemsWith(change)).toContainEqual(problem);
});

it('never shows a value that a person pasted into the file', () => {
  const [problem] = problemsWith({ 'credentials.db-admin.password': 'hunter2' });
  expect(problem).toEqual({
    path: 'credentials.db-admin.password',
    found: 'a field that does not exist here, holding a text of 7 characters',
    allowed:
      'the fields kind, owner, tier, rotateEvery, adopters, role, database, endpoint; never a value, which lives in the vault alone',
    mend: 'remove it, put the value with `lockstep adopt`, and rotate it at once if this file was ever committed',
  });
});
