import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import type { Bundles } from '../../lib/bundles/bundle-handlers.ts';
import { resolveEnvironments, type ResolvedEnvironment } from '../../lib/resolve-environments.ts';
import { bundlesFor, synthesize } from '../../lib/synthesize.ts';
import example from '../../lockstep.config.ts';
import { examplePolicies } from './example-policies.ts';
import { SynthesizedEnvironment } from './synthesized-environment.ts';

/** A workspace as templates. The example is made once, and looked at by every suite. */
export interface SynthesizedApp {
  readonly environments: readonly SynthesizedEnvironment[];
  readonly bundles: Bundles;
  dispose(): void;
}

const ROOT = join(import.meta.dirname, '..', '..');

/** What `cdk` hands to an app out of cdk.json. */
export const context = (): Record<string, unknown> =>
  (JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { readonly context: Record<string, unknown> })
    .context;

/** Properties of an app that writes into a folder of its own. */
const appInto = (outdir: string): AppProps => ({ outdir, context: context() });

/** The environments of the example. */
export const exampleEnvironments = (): readonly ResolvedEnvironment[] => environmentsOf(example);

function environmentsOf(workspace: unknown): readonly ResolvedEnvironment[] {
  const { environments, problems } = resolveEnvironments(workspace);
  if (problems.length > 0)
    throw new Error(
      `the workspace has problems: ${problems.map(({ path, found }) => `${path}: ${found}`).join()}`,
    );
  return environments;
}

/** Synthesizes the example. */
export const synthesizeExample = (): SynthesizedApp =>
  synthesizeWorkspace(example, { policies: examplePolicies() });

/**
 * Synthesizes a workspace.
 *
 * @param options which environments (all), and what leases are decided by there (nothing)
 */
export function synthesizeWorkspace(
  workspace: unknown,
  { only, policies }: { readonly only?: string; readonly policies?: string } = {},
): SynthesizedApp {
  const outdir = mkdtempSync(join(tmpdir(), 'lockstep-template-'));
  const environments = environmentsOf(workspace).filter(
    ({ inventory }) => only === undefined || inventory.environment === only,
  );
  const bundles = bundlesFor(environments);
  const assembly = synthesize(environments, { bundles, policies, app: appInto(outdir) });
  return {
    bundles,
    environments: environments.map((each) => new SynthesizedEnvironment(each, nested(assembly, each))),
    dispose: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

const nested = (assembly: CloudAssembly, { inventory }: ResolvedEnvironment): CloudAssembly =>
  assembly.getNestedAssembly(`assembly-${inventory.environment}`);
