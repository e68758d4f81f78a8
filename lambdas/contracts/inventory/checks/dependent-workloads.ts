import { titleOf, type Check, type DraftCredential, type DraftDependent } from '../draft.ts';
import { quoted } from '../found.ts';
import { listed, meant } from '../nearest.ts';
import { problemAt, type Problem } from '../problem.ts';

/** A dependent acknowledges as its workload: one that may read the credential, and that no other dependent acknowledges as. */
export const checkDependentWorkloads: Check = ({ credentials }) =>
  credentials.flatMap((credential) =>
    credential.dependents.flatMap((dependent, position) => [
      ...notBound(credential, dependent),
      ...shared(credential, dependent, position),
    ]),
  );

function notBound({ boundTo }: DraftCredential, { at, workload, name }: DraftDependent): readonly Problem[] {
  if (workload === undefined || boundTo === undefined || boundTo.includes(workload)) return [];
  const isImplied = workload === name;
  return [
    problemAt([...at, 'workload'], {
      found: `the workload ${quoted(workload)}${isImplied ? ' (its own name)' : ''}, which is not in boundTo`,
      allowed: boundTo.length === 0 ? 'a workload of boundTo, which is empty' : listed(boundTo),
      mend: meant(workload, boundTo, `add ${quoted(workload)} to boundTo, or name the workload it runs as`),
    }),
  ];
}

function shared(
  { dependents }: DraftCredential,
  { at, workload }: DraftDependent,
  position: number,
): readonly Problem[] {
  const first = dependents.findIndex((other) => workload !== undefined && other.workload === workload);
  const twin = dependents[first];
  if (first === position || !twin || workload === undefined) return [];
  return [
    problemAt([...at, 'workload'], {
      found: `the workload ${quoted(workload)}, as which ${titleOf(twin, first)} acknowledges already`,
      allowed: 'a workload that no other dependent of this credential acknowledges as',
      mend: 'give each dependent a workload of its own, or make the two one dependent',
    }),
  ];
}
