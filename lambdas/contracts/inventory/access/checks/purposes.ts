import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftPurpose } from '../draft-access.ts';
import { unknownNames } from './unknown-name.ts';

/** Whoever may state a purpose is declared, and something can be leased for it. */
export const checkPurposes: Check = (draft) =>
  draft.access.purposes.flatMap((purpose) => [
    ...stated(draft, purpose),
    ...agentsAsWorkloads(draft, purpose),
    ...useless(draft, purpose),
  ]);

const stated = (
  { names, access }: Draft,
  { at, workloads, agents, roles }: DraftPurpose,
): readonly Problem[] => [
  ...unknownNames([...at, 'workloads'], workloads, {
    what: 'workload',
    section: 'workloads',
    names: names.workloads,
  }),
  ...unknownNames([...at, 'agents'], agents, {
    what: 'agent',
    section: 'agents',
    names: access.names.agents,
  }),
  ...unknownNames([...at, 'roles'], roles, { what: 'role', section: 'roles', names: access.names.roles }),
];

/** A workload that runs an agent is always the agent, so what it may state as a workload it never states. */
const agentsAsWorkloads = ({ access }: Draft, { at, workloads }: DraftPurpose): readonly Problem[] =>
  workloads.flatMap((workload, position) => {
    const agent = access.agents.find((each) => each.workload === workload);
    if (!agent) return [];
    return [
      problemAt([...at, 'workloads', position], {
        found: `the workload ${quoted(workload)}, which runs the agent ${quoted(agent.name)}`,
        allowed: 'workloads that run no agent: that one always asks as the agent',
        mend: `write ${quoted(agent.name)} in agents`,
      }),
    ];
  });

function useless({ access }: Draft, { at, name }: DraftPurpose): readonly Problem[] {
  const isUsed = access.leases.some(({ purposes }) => purposes === undefined || purposes.includes(name));
  if (isUsed || access.leases.length === 0) return [];
  return [
    problemAt(at, {
      found: `the purpose ${quoted(name)}, for which nothing can be leased`,
      allowed: 'purposes that at least one lease names',
      mend: 'add it to the purposes of a lease, or remove it',
    }),
  ];
}
