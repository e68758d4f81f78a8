import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a reader that is not declared', () => {
  expect(problemsWith({ 'credentials.model.boundTo': ['worker', 'wroker'] })).toEqual([
    {
      path: 'credentials.model.boundTo[1]',
      found: 'the workload "wroker", which is not declared',
      allowed: 'api, worker',
      mend: 'did you mean worker? Otherwise declare the workload in workloads',
    },
  ]);
});

it('refuses a reader that is named twice', () => {
  expect(problemsWith({ 'credentials.model.boundTo': ['worker', 'worker'] })).toMatchObject([
    { path: 'credentials.model.boundTo[1]', found: 'the workload "worker", for the second time' },
  ]);
});

it('takes readers that are no dependents', () => {
  expect(problemsWith({ 'credentials.model.boundTo': ['worker', 'api'] })).toEqual([]);
});
