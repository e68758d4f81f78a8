import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const FIELD = 'credentials.store.dependents.0.allowHosts';

it.each(['127.0.0.1', 'localhost', '169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254'])(
  'refuses to open the way to %s',
  (host) => {
    expect(problemsWith({ [FIELD]: ['10.0.0.1', host] })).toMatchObject([
      {
        path: 'credentials.store.dependents[0].allowHosts[1]',
        allowed: 'hosts with a public or a private address: never loopback, link-local or metadata addresses',
        mend: 'remove it',
      },
    ]);
  },
);

it('takes private hosts, and different ones by environment', () => {
  expect(
    problemsWith({ [FIELD]: { staging: ['10.0.0.1', 'api.internal'], production: ['10.1.0.1'] } }),
  ).toEqual([]);
});
