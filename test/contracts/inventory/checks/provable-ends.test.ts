import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a signing key whose end nobody could show', () => {
  const dependents = [{ kind: 'poller', name: 'api', cacheTtl: { seconds: 300 } }];
  expect(problemsWith({ 'credentials.api-hook.dependents': dependents })).toContainEqual({
    path: 'credentials.api-hook.dependents',
    found: 'a signing key without a webhook among its dependents',
    allowed: 'at least one webhook, which can be asked whether it refuses the old key',
    mend: 'add the receiver that checks signatures with it as webhook(), with this key as its signingKey',
  });
});

it('has nothing to say of one that has a receiver, or of one whose dependent could not be read', () => {
  expect(problemsWith({})).toEqual([]);
  const unread = problemsWith({ 'credentials.api-hook.dependents': [{ kind: 'webhok', name: 'api' }] });
  expect(unread.map(({ path }) => path)).not.toContain('credentials.api-hook.dependents');
});
