import { describeError } from '../../lambdas/core/errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Drift } from '../output/inventory-text.ts';
import { plainText } from '../output/plain-text.ts';

/** What works is not always what the file says: it was changed and not deployed, or the runtime began before. */
export interface DeclaredHere {
  /** The names that `lockstep.config.ts` declares now; `undefined` where it could not be read. */
  readonly names: readonly string[] | undefined;
}

/** Reads the names of the file's credentials for one environment. A file that cannot be compared is a remark, no failure. */
export async function declaredHere(invocation: Invocation, environment: string): Promise<DeclaredHere> {
  const { place, surroundings } = invocation;
  const notCompared = (why: string): DeclaredHere => {
    invocation.remark(`lockstep.config.ts was not compared: ${plainText(why)}`);
    return { names: undefined };
  };
  try {
    const workspace = await surroundings.loadWorkspace(place.folder);
    const { resolveAnywhere } = await import('../../embedded/world/examine-local.ts');
    const { inventory } = resolveAnywhere(workspace, environment);
    if (!inventory) return notCompared('it has problems; see: lockstep inventory check');
    return { names: inventory.credentials.map(({ name }) => name) };
  } catch (error) {
    return notCompared(describeError(error).message);
  }
}

/** Where the file and what works differ, both ways. */
export function fileDrift(
  { names }: DeclaredHere,
  working: readonly string[],
  stage: string | undefined,
): readonly Drift[] {
  if (!names) return [];
  const mend = stage === undefined ? 'start it again: npm start' : `deploy: npx cdk deploy '${stage}/*'`;
  return [
    ...names
      .filter((name) => !working.includes(name))
      .map((subject) => ({
        subject,
        what: `declared in lockstep.config.ts, and not in what works; ${mend}`,
      })),
    ...working
      .filter((name) => !names.includes(name))
      .map((subject) => ({
        subject,
        what: `no longer declared in lockstep.config.ts, and still works; ${mend}`,
      })),
  ];
}
