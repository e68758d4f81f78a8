import type { Problem } from '../../lambdas/contracts/inventory/index.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';

/** The services of the example workspace that exist as programs. Others can be declared, and live on AWS alone. */
export const SERVICE_PROGRAMS: Readonly<Record<string, URL>> = {
  'rag-api': new URL('../services/rag-api.ts', import.meta.url),
  embedder: new URL('../services/embedder.ts', import.meta.url),
  'research-agent': new URL('../services/research-agent.ts', import.meta.url),
};

/** The names of the services that an inventory's dependents are. */
export const serviceNames = (inventory: Inventory): readonly string[] => [
  ...new Set(inventory.credentials.flatMap(({ dependents }) => dependents.map(({ name }) => name))),
];

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
