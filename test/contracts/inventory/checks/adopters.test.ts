import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses an authority that nobody may give its first value', () => {
  for (const adopters of [undefined, { staging: [] }])
    expect(problemsWith({ 'credentials.db-admin.adopters': adopters })).toEqual([
      {
        path: 'credentials.db-admin.adopters',
        found: 'nobody who may put the first value in staging',
        allowed:
          'at least one ARN of an IAM role or user: nothing else can make the first value of an authority',
        mend: 'add the role that your administrators act as',
      },
    ]);
});

it('refuses adopters of another account by name', () => {
  expect(
    problemsWith({ 'credentials.db-admin.adopters.staging': ['arn:aws:iam::999999999999:user/ada'] }),
  ).toMatchObject([
    { found: 'a principal of the account 999999999999: adopters of another account are not supported yet' },
  ]);
});

it('asks nobody where the value is made at the target, and nobody in the embedded world', () => {
  expect(problemsWith({})).toEqual([]);
  expect(problemsWith({ 'credentials.db-admin.adopters': undefined }, 'local')).toEqual([]);
});
