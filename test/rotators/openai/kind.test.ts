import { expect, it } from 'vitest';
import type { Credential } from '../../../lambdas/core/credential.ts';
import { openaiAuthorityKind, openaiKind } from '../../../lambdas/rotators/openai/kind.ts';

const credentialWith = (name: string, target: Credential['target']): Credential => ({
  name,
  kind: 'openai',
  family: 'openai',
  strategy: 'mint-and-retire',
  owner: 'platform',
  rotateEverySeconds: 86_400,
  boundTo: [],
  adopters: [],
  dependents: [],
  retire: { drainSeconds: 0, soakSeconds: 0, deadlineSeconds: 1, onDeadline: 'hold-and-page' },
  target,
});
const target = { apiUrl: 'https://api.openai.com/v1', project: 'proj_one' };

it.each([
  'https://api.openai.com/v1',
  'https://eu.api.openai.com/v1',
  'http://127.0.0.1:4010/v1',
  'https://[::1]/v1',
])('may be reached at %s', (apiUrl) => {
  expect(openaiAuthorityKind.target.safeParse({ apiUrl }).success).toBe(true);
});

it.each([
  'api.openai.com',
  'ftp://api.openai.com',
  'https://api.openai.com/v1/',
  'https://user:pass@api.openai.com/v1',
  'https://api.openai.com/v1?key=x',
  'https://api.openai.com/v1#x',
  '',
])('may not be reached at %j', (apiUrl) => {
  expect(openaiAuthorityKind.target.safeParse({ apiUrl }).success).toBe(false);
});

it('is reached at the provider unless the file says otherwise', () => {
  expect(openaiAuthorityKind.target.parse({})).toEqual({ apiUrl: 'https://api.openai.com/v1' });
});

it.each(['', 'proj_', 'project', 'sk-not-a-real-one', 'proj_a/../b', `proj_${'a'.repeat(60)}`])(
  'has no project %j',
  (project) => {
    expect(openaiKind.target.safeParse({ ...target, project }).success).toBe(false);
  },
);

it('has keys of its own in a project that others share: they carry its name', () => {
  const [one] = openaiKind.accounts(credentialWith('one', target));
  expect(one).toBe('https://api.openai.com/v1/organization/projects/proj_one/one');
  expect(openaiKind.accounts(credentialWith('two', target))).not.toEqual([one]);
  expect(openaiKind.accounts(credentialWith('one', { ...target, project: 'proj_two' }))).not.toEqual([one]);
});

it('reaches the API and nothing else', () => {
  expect(openaiKind.places(credentialWith('one', target))).toEqual([{ host: 'api.openai.com', port: 443 }]);
  const local = credentialWith('admin', { apiUrl: 'http://[::1]:4010/v1' });
  expect(openaiAuthorityKind.places(local)).toEqual([{ host: '::1', port: 4010 }]);
});

it('cannot undo a disable, so no soak may promise it', () => {
  for (const kind of [openaiKind, openaiAuthorityKind])
    expect(kind.capabilities).toMatchObject({
      mintsAtTarget: true,
      reversibleDisable: false,
      evidence: 'last-used',
      endsPredecessorAtInstall: false,
    });
});

it('rotates no faster than new keys settle', () => {
  for (const kind of [openaiKind, openaiAuthorityKind])
    expect(kind.minimumCadenceSeconds).toBeGreaterThan(kind.capabilities.settlingSeconds);
});
