import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { bundleHandlers, type Bundles } from '../../lib/bundles/bundle-handlers.ts';
import { resolveEnvironments, type ResolvedEnvironment } from '../../lib/resolve-environments.ts';
import { synthesize } from '../../lib/synthesize.ts';
import workspace from '../../lockstep.config.ts';
import { SynthesizedEnvironment } from './synthesized-environment.ts';

/** The example workspace as templates: made once, looked at by every suite. */
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
export function exampleEnvironments(): readonly ResolvedEnvironment[] {
  const { environments, problems } = resolveEnvironments(workspace);
  if (problems.length > 0)
    throw new Error(`the example has problems: ${problems.map(({ path }) => path).join()}`);
  return environments;
}

/** Synthesizes the example. */
export function synthesizeExample(): SynthesizedApp {
  const outdir = mkdtempSync(join(tmpdir(), 'lockstep-template-'));
  const bundles = bundleHandlers();
  const environments = exampleEnvironments();
  const assembly = synthesize(environments, { bundles, app: appInto(outdir) });
  return {
    bundles,
    environments: environments.map((each) => new SynthesizedEnvironment(each, nested(assembly, each))),
    dispose: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

const nested = (assembly: CloudAssembly, { inventory }: ResolvedEnvironment): CloudAssembly =>
  assembly.getNestedAssembly(`assembly-${inventory.environment}`);
