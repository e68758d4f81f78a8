import { expect, it } from 'vitest';
import { problemsOf, problemsWith, workspaceWith } from '../a-workspace.ts';

const NAME = 'a name in kebab-case of at most 64 characters: letters a to z, digits and single hyphens';

it.each(['Platform', 'data_platform', '-platform', 'platform-', 'a--b', '1st', 'ü', '', 'a'.repeat(65)])(
  'refuses the name %j',
  (name) => {
    const problems = problemsOf({
      ...workspaceWith({}),
      owners: { platform: { contact: 'x' }, [name]: { contact: 'x' } },
    });
    expect(problems).toMatchObject([{ allowed: NAME, mend: 'rename it' }]);
  },
);

it('checks names of every section', () => {
  const broken = {
    owners: { 'A B': { contact: 'x' } },
    environments: { 'A B': {} },
    workloads: { 'A B': {} },
  };
  const problems = problemsOf({ ...broken, credentials: { 'A B': {} } }).filter(
    ({ mend }) => mend === 'rename it',
  );
  expect(problems.map(({ path }) => path)).toEqual([
    'credentials.<a key of 3 characters>',
    'environments.<a key of 3 characters>',
    'owners.<a key of 3 characters>',
    'workloads.<a key of 3 characters>',
  ]);
});

it('takes the longest name', () => {
  expect(
    problemsOf({
      ...workspaceWith({}),
      owners: { platform: { contact: 'x' }, ['a'.repeat(64)]: { contact: 'x' } },
    }),
  ).toEqual([]);
});

it("refuses an environment's name that would make role names too long", () => {
  const long = 'e'.repeat(33);
  const environment = { account: '333333333333', region: 'eu-west-1' };
  expect(problemsWith({ [`environments.${long}`]: environment })).toMatchObject([
    { found: "an environment's name of 33 characters" },
  ]);
  expect(problemsWith({ [`environments.${'e'.repeat(32)}`]: environment })).toEqual([]);
});

it.each(['host', 'port', 'ca'])(
  'refuses an environment called %s: an endpoint would look like a map by environment',
  (name) => {
    const problems = problemsWith({
      [`environments.${name}`]: { account: '333333333333', region: 'eu-west-1' },
    });
    expect(problems).toMatchObject([
      { path: `environments.${name}`, allowed: expect.stringMatching(/^any other name than host, port, ca/) },
    ]);
  },
);

it('keeps the name of its heartbeat secret for itself', () => {
  const rotateEvery = { seconds: 2_592_000 };
  const adopters = {
    staging: ['arn:aws:iam::111111111111:role/admin'],
    production: ['arn:aws:iam::222222222222:role/admin'],
  };
  const credential = { kind: 'openai-authority', owner: 'platform', adopters, rotateEvery };
  expect(problemsWith({ 'credentials.heartbeat': credential })).toMatchObject([
    { path: 'credentials.heartbeat', allowed: 'any other name' },
  ]);
  expect(problemsWith({ 'credentials.heart-beat': credential })).toEqual([]);
});
