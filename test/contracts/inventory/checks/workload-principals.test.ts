import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses a bound workload without a role in this environment, and only there', () => {
  const change = { 'workloads.worker.role': { staging: 'arn:aws:iam::111111111111:role/worker' } };
  expect(problemsWith(change, 'production')).toEqual([
    {
      path: 'workloads.worker.role.production',
      found: 'no role for the environment production, and the workload is bound to "store", "model"',
      allowed: "the ARN of the workload's IAM role in this environment",
      mend: 'add its role, or take it out of boundTo',
    },
  ]);
  expect(problemsWith(change, 'staging')).toEqual([]);
});

it('takes a workload without a role that reads nothing', () => {
  expect(problemsWith({ 'workloads.idle': {} })).toEqual([]);
});

it('refuses a role of another account by name, not as a mere mistake', () => {
  expect(problemsWith({ 'workloads.worker.role.staging': 'arn:aws:iam::999999999999:role/worker' })).toEqual([
    {
      path: 'workloads.worker.role.staging',
      found: 'a role of the account 999999999999: workloads of another account are not supported yet',
      allowed: "a role of the environment's account 111111111111",
      mend: 'run the workload under a role of 111111111111, or correct the account',
    },
  ]);
});

it('refuses a role of another partition', () => {
  const [problem] = problemsWith({
    'workloads.worker.role.staging': 'arn:aws-cn:iam::111111111111:role/worker',
  });
  expect(problem?.found).toBe('a role of the partition "aws-cn", which is not supported yet');
});

it('refuses one role for two workloads: they could acknowledge for each other', () => {
  expect(
    problemsWith({ 'workloads.worker.role.staging': 'arn:aws:iam::111111111111:role/api' }),
  ).toMatchObject([{ path: 'workloads.worker.role.staging', found: 'the same role as the workload "api"' }]);
});

it("refuses one of Lockstep's own roles", () => {
  expect(
    problemsWith({
      'workloads.worker.role.staging':
        'arn:aws:iam::111111111111:role/lockstep/staging/lockstep-staging-operate',
    }),
  ).toMatchObject([{ found: 'a role under /lockstep/staging/, where Lockstep keeps its own roles' }]);
});

it('does not say of a role that could not be read that there is none', () => {
  expect(problemsWith({ 'workloads.worker.role.staging': 'worker' })).toMatchObject([
    {
      path: 'workloads.worker.role.staging',
      found: '"worker"',
      allowed: "the ARN of the workload's IAM role",
    },
  ]);
});

it('asks for no role in the embedded world, which has an identity for each name', () => {
  expect(problemsWith({ 'workloads.worker': {} }, 'local')).toEqual([]);
});
