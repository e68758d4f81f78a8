#!/usr/bin/env node
// The CDK app. Run from the folder that holds lockstep.config.ts: `npx cdk synth`, `npx cdk deploy 'staging/*'`.
import { formatProblems } from '../lambdas/contracts/inventory/index.ts';
import { loadWorkspace } from '../lambdas/contracts/inventory/load-workspace.ts';
import { isLockstepError } from '../lambdas/core/errors.ts';
import { resolveEnvironments } from '../lib/resolve-environments.ts';
import { synthesize } from '../lib/synthesize.ts';

try {
  const { environments, problems } = resolveEnvironments(await loadWorkspace(process.cwd()));
  if (problems.length > 0) refuse(formatProblems(problems));
  else synthesize(environments);
} catch (error) {
  if (!isLockstepError(error)) throw error;
  refuse(error.message);
}

/** 2: the file is wrong, and nothing was made of it. */
function refuse(why: string): void {
  console.error(why);
  process.exitCode = 2;
}
