import { preparsePolicySet } from './cedar-wasm.ts';
import { LockstepError } from '../core/errors.ts';
import type { PolicyBundle } from './policy-bundle.ts';

/** How many sets of policies are kept parsed. One takes some ten kilobytes. */
const MOST_SETS = 512;

/**
 * Sets of policies that the engine has parsed, by name.
 *
 * The engine keeps them itself, for the whole process, and forgets none; a name that is given again is overwritten. So
 * the names of the sets that were used least are used again, and nobody else may use names of ours.
 */
export interface PreparedSets {
  /** The name of the set of these policies, parsed now where it was not. */
  nameOf(ids: readonly string[]): string;
}

// As many as the process has opened. The parsed sets belong to the process too: two engines with one name would
// decide by each other's policies.
let opened = 0;

/** Keeps sets of a bundle's policies parsed. */
export function preparedSets({ policies }: PolicyBundle, most = MOST_SETS): PreparedSets {
  opened += 1;
  const engine = opened;
  // A map keeps the order of insertion: the first entry is the one that was used least lately.
  const names = new Map<string, string>();
  return {
    nameOf(ids) {
      const key = ids.join('\n');
      const known = names.get(key);
      names.delete(key);
      const name = known ?? freeName(names, engine, most);
      if (known === undefined) prepare(name, ids, policies);
      names.set(key, name);
      return name;
    },
  };
}

function freeName(names: Map<string, string>, engine: number, most: number): string {
  const [oldest] = names.size < most ? [] : names;
  if (!oldest) return `${engine}/${names.size}`;
  names.delete(oldest[0]);
  return oldest[1];
}

function prepare(name: string, ids: readonly string[], policies: PolicyBundle['policies']): void {
  const staticPolicies = Object.fromEntries(ids.map((id) => [id, policies[id]?.text ?? '']));
  const { type } = preparsePolicySet(name, { staticPolicies });
  if (type !== 'success')
    throw new LockstepError(
      'POLICY_INVALID',
      `a policy among ${ids.join(', ')} cannot be parsed; lockstep policy check says where`,
    );
}
