import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftAgent } from '../draft-access.ts';
import { unknownName } from './unknown-name.ts';

/** An agent runs as a workload of its own, that can prove who it is. */
export const checkAgents: Check = (draft) =>
  draft.access.agents.flatMap((agent) => [
    ...unknownName([...agent.at, 'workload'], agent.workload, {
      what: 'workload',
      section: 'workloads',
      names: draft.names.workloads,
    }),
    ...shared(draft, agent),
    ...unknowable(draft, agent),
  ]);

function shared({ access }: Draft, { at, name, workload }: DraftAgent): readonly Problem[] {
  const twin = access.agents.find(
    (other) => other.name < name && workload !== undefined && other.workload === workload,
  );
  if (!twin || workload === undefined) return [];
  return [
    problemAt([...at, 'workload'], {
      found: `the workload ${quoted(workload)}, which runs the agent ${quoted(twin.name)}`,
      allowed: 'a workload that runs no other agent: nothing could tell the two apart',
      mend: 'give each agent a workload of its own',
    }),
  ];
}

function unknowable(
  { environment, workloads, access }: Draft,
  { at, workload }: DraftAgent,
): readonly Problem[] {
  const found = workloads.find(({ name }) => name === workload);
  if (!found || found.isDeclared) return [];
  if (access.tokens.some((token) => token.workload === workload)) return [];
  return [
    problemAt([...at, 'workload'], {
      found: `the workload ${quoted(found.name)}, which has neither a role nor tokens in ${environment}`,
      allowed: 'a workload that can prove who it is',
      mend: 'give it a role, or say how tokens name it',
    }),
  ];
}
