import { expect, it } from 'vitest';
import { wholeCredential, type DraftCredential } from '../../../lambdas/contracts/inventory/draft.ts';
import { pollerKind } from '../../../lambdas/propagators/poller/kind.ts';
import { openaiKind } from '../../../lambdas/rotators/openai/kind.ts';

const worker = {
  at: [],
  kind: pollerKind,
  name: 'worker',
  workload: 'worker',
  cacheTtlSeconds: 300,
  evidence: { at: [], applicationName: 'worker', poolLifetimeSeconds: 600, suffices: false },
  settings: { acknowledges: true },
  settingsPaths: {},
};
const draft: DraftCredential = {
  at: [],
  name: 'model',
  kind: openaiKind,
  owner: 'platform',
  authority: 'model-admin',
  rotateEverySeconds: 86_400,
  boundTo: ['worker'],
  adopters: [],
  retire: { drainSeconds: 3600, soakSeconds: 3600, deadlineSeconds: 3600, onDeadline: 'hold-and-page' },
  target: { apiUrl: 'https://api.example.com/v1', project: 'proj_a' },
  targetPaths: {},
  dependents: [worker],
};

it('makes a credential of a draft without holes', () => {
  expect(wholeCredential(draft)).toEqual({
    name: 'model',
    kind: 'openai',
    family: 'openai',
    strategy: 'mint-and-retire',
    owner: 'platform',
    authority: 'model-admin',
    rotateEverySeconds: 86_400,
    boundTo: ['worker'],
    adopters: [],
    retire: draft.retire,
    target: draft.target,
    dependents: [
      {
        name: 'worker',
        kind: 'poller',
        workload: 'worker',
        cacheTtlSeconds: 300,
        evidence: { applicationName: 'worker', poolLifetimeSeconds: 600, suffices: false },
        settings: { acknowledges: true },
      },
    ],
  });
});

it.each(['kind', 'owner', 'authority', 'rotateEverySeconds', 'boundTo', 'adopters'] as const)(
  'makes none where %s is a hole',
  (field) => {
    expect(wholeCredential({ ...draft, [field]: undefined })).toBeUndefined();
  },
);

it.each(['drainSeconds', 'soakSeconds', 'deadlineSeconds', 'onDeadline'])(
  'makes none where %s of retire is a hole',
  (field) => {
    const left = Object.entries(draft.retire).filter(([name]) => name !== field);
    expect(wholeCredential({ ...draft, retire: Object.fromEntries(left) })).toBeUndefined();
  },
);

it.each(['apiUrl', 'project'])('makes none where %s of the target is a hole', (field) => {
  const left = Object.entries(draft.target).filter(([name]) => name !== field);
  expect(wholeCredential({ ...draft, target: Object.fromEntries(left) })).toBeUndefined();
});

it.each(['kind', 'name', 'workload', 'cacheTtlSeconds'] as const)(
  'makes none where %s of a dependent is a hole: one dependent less would be one less to wait for',
  (field) => {
    expect(wholeCredential({ ...draft, dependents: [{ ...worker, [field]: undefined }] })).toBeUndefined();
  },
);

it.each(['applicationName', 'poolLifetimeSeconds', 'suffices'])(
  'makes none where %s of evidence is a hole: it must not pass for a dependent that declares none',
  (field) => {
    const left = Object.entries(worker.evidence).filter(([name]) => name !== field);
    const evidence = { at: [], ...Object.fromEntries(left) };
    expect(wholeCredential({ ...draft, dependents: [{ ...worker, evidence }] })).toBeUndefined();
  },
);

it('makes none where the settings of a dependent are not what its kind takes', () => {
  const dependents = [{ ...worker, settings: { acknowledges: 'yes' } }];
  expect(wholeCredential({ ...draft, dependents })).toBeUndefined();
});
