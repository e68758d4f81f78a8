import type { Problem } from '../../lambdas/contracts/inventory/index.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

/** The services of the example workspace that exist as programs. Others can be declared, and live on AWS alone. */
export const SERVICE_PROGRAMS: Readonly<Record<string, URL>> = {
  'rag-api': new URL('../services/rag-api.ts', import.meta.url),
  embedder: new URL('../services/embedder.ts', import.meta.url),
  summariser: new URL('../services/summariser.ts', import.meta.url),
  'research-agent': new URL('../services/research-agent.ts', import.meta.url),
};

/** What the programs here lease, and which of them does. */
const LEASED_BY_PROGRAMS: Readonly<Record<string, string>> = {
  'model-session': 'research-agent',
  'vector-reader': 'research-agent',
};

/**
 * The names of the services that run: those that an inventory's dependents are, and its agents, as far as there are
 * programs for them. An agent depends on nothing, and may be no program of this world.
 */
export const serviceNames = (inventory: Inventory): readonly string[] => {
  const dependents = inventory.credentials.flatMap((credential) => credential.dependents);
  const agents = accessOf(inventory).agents.filter(({ workload }) =>
    Object.hasOwn(SERVICE_PROGRAMS, workload),
  );
  return [...new Set([...dependents.map(({ name }) => name), ...agents.map(({ workload }) => workload)])];
};

/** What a program of this world leases in an inventory. */
export const leasedHere = (inventory: Inventory): readonly string[] => {
  const { agents, leasables } = accessOf(inventory);
  return leasables
    .map(({ name }) => name)
    .filter((name) => agents.some(({ workload }) => workload === LEASED_BY_PROGRAMS[name]));
};

/** Dependents that no program here could be: told before anything is started, as all that is wrong with a file. */
export const withoutProgram = ({ credentials }: Inventory): readonly Problem[] =>
  credentials.flatMap(({ name: credential, dependents }) =>
    dependents.flatMap(({ name }, at) =>
      Object.hasOwn(SERVICE_PROGRAMS, name) ? [] : [problemOf(credential, name, at)],
    ),
  );

const problemOf = (credential: string, name: string, at: number): Problem => ({
  path: `credentials.${credential}.dependents[${at}]`,
  found: `the dependent "${name}", which is no program of the embedded world`,
  allowed: `in local: ${Object.keys(SERVICE_PROGRAMS).join(', ')}`,
  mend: 'keep to these names to try Lockstep on this machine, or take local out of environments',
});
