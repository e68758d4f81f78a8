#!/usr/bin/env node
// The CDK app. Run from the folder that holds lockstep.config.ts: `npx cdk synth`, `npx cdk deploy 'staging/*'`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatProblems } from '../lambdas/contracts/inventory/index.ts';
import { resolveEnvironments } from '../lib/resolve-environments.ts';
import { synthesize } from '../lib/synthesize.ts';

const file = pathToFileURL(join(process.cwd(), 'lockstep.config.ts'));
const { default: workspace } = (await import(file.href)) as { readonly default: unknown };
const { environments, problems } = resolveEnvironments(workspace);
if (problems.length > 0) {
  // 2: the file is wrong, and nothing was made of it.
  console.error(formatProblems(problems));
  process.exitCode = 2;
} else {
  synthesize(environments);
}
