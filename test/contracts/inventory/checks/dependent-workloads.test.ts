import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a dependent that acknowledges as a workload which may not read the credential', () => {
  expect(problemsWith({ 'credentials.model.boundTo': ['api'] })).toEqual([
    {
      path: 'credentials.model.dependents[0].workload',
      found: 'the workload "worker" (its own name), which is not in boundTo',
      allowed: 'api',
      mend: 'add "worker" to boundTo, or name the workload it runs as',
    },
  ]);
});

it('says so where boundTo is empty', () => {
  const [problem] = problemsWith({ 'credentials.model.boundTo': undefined });
  expect(problem?.allowed).toBe('a workload of boundTo, which is empty');
});

it('refuses two dependents of one credential that acknowledge as one workload', () => {
  expect(
    problemsWith({
      'credentials.model.dependents.1': {
        kind: 'poller',
        name: 'batch',
        workload: 'worker',
        cacheTtl: { seconds: 300 },
      },
    }),
  ).toEqual([
    {
      path: 'credentials.model.dependents[1].workload',
      found: 'the workload "worker", as which "worker" acknowledges already',
      allowed: 'a workload that no other dependent of this credential acknowledges as',
      mend: 'give each dependent a workload of its own, or make the two one dependent',
    },
  ]);
});

it('takes a dependent with another name than its workload', () => {
  expect(
    problemsWith({
      'credentials.model.dependents.0.name': 'batch',
      'credentials.model.dependents.0.workload': 'worker',
    }),
  ).toEqual([]);
});
