import { join } from 'node:path';
import { formatProblems, type Workspace } from '../../../lambdas/contracts/inventory/index.ts';
import { resolveEnvironments, type ResolvedEnvironment } from '../../../lib/resolve-environments.ts';
import { hasLeases } from '../../../lib/access/lease-kinds.ts';
import { synthesize } from '../../../lib/synthesize.ts';
import { examplePolicies } from '../../template/example-policies.ts';
import { context } from '../../template/synthesized-app.ts';
import { SynthesizedEnvironment, type PhysicalIds } from '../../template/synthesized-environment.ts';
import { BED_ENVIRONMENT } from './bed-workspace.ts';
import { prepareAssembly, type Counts, type Preparation } from './prepare-assembly.ts';

/** The bed's environment, synthesized as for a real account, and then prepared for the bed. */
export interface SynthesizedBed {
  readonly declared: ResolvedEnvironment;
  /** The templates as they were synthesized, with what their resources are called where they were deployed. */
  readonly deployedAs: (ids: PhysicalIds) => SynthesizedEnvironment;
  readonly counts: Counts;
  readonly milliseconds: number;
}

/** Types that MiniStack does not take; each has a row in deviations.md. */
const LEFT_OUT = ['AWS::SecretsManager::ResourcePolicy', 'AWS::CloudTrail::Trail'];

/** Synthesizes a workspace of the bed into a folder. What it leases is decided by the policies of the example. */
export function synthesizeBed(
  folder: string,
  workspace: Workspace,
  preparation: Omit<Preparation, 'leaveOut'>,
): SynthesizedBed {
  const { environments, problems } = resolveEnvironments(workspace);
  const [declared] = environments;
  if (!declared) throw new Error(`the workspace of the bed is refused:\n${formatProblems(problems)}`);
  const policies = hasLeases(declared.inventory) ? examplePolicies() : undefined;
  const started = performance.now();
  const assembly = synthesize([declared], { app: { outdir: folder, context: context() }, policies });
  const milliseconds = performance.now() - started;
  const nested = assembly.getNestedAssembly(`assembly-${BED_ENVIRONMENT}`);
  const deployedAs = (ids: PhysicalIds): SynthesizedEnvironment =>
    new SynthesizedEnvironment(declared, nested, ids);
  // Read now: each template is kept as it was read first, and the files are about to change.
  deployedAs(new Map());
  const counts = prepareAssembly(join(folder, `assembly-${BED_ENVIRONMENT}`), {
    ...preparation,
    leaveOut: LEFT_OUT,
  });
  return { declared, deployedAs, counts, milliseconds };
}
