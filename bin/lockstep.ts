#!/usr/bin/env node
// The CDK app. Run from the folder that holds lockstep.config.ts: `npx cdk synth`, `npx cdk deploy 'staging/*'`.
import { join } from 'node:path';
import { formatProblems } from '../lambdas/contracts/inventory/index.ts';
import { loadWorkspace } from '../lambdas/contracts/inventory/load-workspace.ts';
import { isLockstepError } from '../lambdas/core/errors.ts';
import { loadPolicies } from '../lib/load-policies.ts';
import { resolveEnvironments } from '../lib/resolve-environments.ts';
import { synthesize } from '../lib/synthesize.ts';

try {
  const { environments, problems } = resolveEnvironments(await loadWorkspace(process.cwd()));
  const inventories = environments.map(({ inventory }) => inventory);
  const loaded = await loadPolicies(join(process.cwd(), 'policies'), inventories);
  if (problems.length > 0) refuse(formatProblems(problems));
  else if (loaded.problems.length > 0) refuse(formatProblems(loaded.problems, 'The policy set'));
  else synthesize(environments, { policies: loaded.policies });
} catch (error) {
  if (!isLockstepError(error)) throw error;
  refuse(error.message);
}

/** 2: the file or its policies are wrong, and nothing was made of them. */
function refuse(why: string): void {
  console.error(why);
  process.exitCode = 2;
}
