import { expect, it } from 'vitest';
import { problemsWith } from './a-workspace.ts';

it.each([
  [
    'credentials.store.replicaRegions',
    ['eu-west-1'],
    'replicaRegions: replicated secrets, which is not supported yet',
  ],
  [
    'environments.staging.promotesFrom',
    'production',
    'promotesFrom: promoting from one environment to the next, which is not supported yet',
  ],
  ['credentials.db-admin.network', {}, 'network: target functions inside a VPC, which is not supported yet'],
  ['workloads.api.subject', 'x', 'subject: workloads with an OIDC subject, which is not supported yet'],
  ['credentials.store.roles', [], 'roles: workloads with several roles, which is not supported yet'],
  ['credentials.model.kind', 'anthropic', 'credentials of kind anthropic, which are not supported yet'],
  ['credentials.model.dependents.0.kind', 'lambda', 'dependents of kind lambda, which are not supported yet'],
])('refuses %s by name', (path, value, found) => {
  expect(problemsWith({ [path]: value }).map((problem) => problem.found)).toContain(found);
});
