import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveEnvironments } from '../../../lib/resolve-environments.ts';
import { synthesize } from '../../../lib/synthesize.ts';
import { examplePolicies } from '../../template/example-policies.ts';
import { context } from '../../template/synthesized-app.ts';
import type { TemplateFile } from './finding.ts';

/** Templates as files, in a folder of their own. */
export interface SynthesizedFiles {
  readonly files: readonly TemplateFile[];
  dispose(): void;
}

/** Synthesizes a workspace. That passes the rules of CloudFormation and of cdk-nag, or throws. */
export function synthesizedFiles(workspace: unknown): SynthesizedFiles {
  const { environments, problems } = resolveEnvironments(workspace);
  if (problems.length > 0)
    throw new Error(`the workspace has problems: ${problems.map(({ path }) => path).join()}`);
  const outdir = mkdtempSync(join(tmpdir(), 'lockstep-rules-'));
  synthesize(environments, { policies: examplePolicies(), app: { outdir, context: context() } });
  const paths = readdirSync(outdir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(outdir, name));
  return {
    files: paths.map((path) => ({
      path,
      template: JSON.parse(readFileSync(path, 'utf8')) as TemplateFile['template'],
    })),
    dispose: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
