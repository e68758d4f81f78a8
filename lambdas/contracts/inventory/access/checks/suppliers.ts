import { foreignAdopters } from '../../checks/adopters.ts';
import type { Check, Draft } from '../../draft.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftLeaseAuthority } from '../draft-access.ts';

/** On AWS somebody supplies the value of each lease authority, whom its policy has to name; from the same account. */
export const checkSuppliers: Check = (draft) =>
  draft.isLocal
    ? []
    : draft.access.leaseAuthorities.flatMap((authority) => [
        ...nobody(draft, authority),
        ...foreignAdopters(draft, authority),
      ]);

function nobody({ environment }: Draft, { at, adopters }: DraftLeaseAuthority): readonly Problem[] {
  if (adopters === undefined || adopters.length > 0) return [];
  return [
    problemAt([...at, 'adopters'], {
      found: `nobody who may supply its value in ${environment}`,
      allowed: 'at least one ARN of an IAM role or user: no function makes or changes it',
      mend: 'add the role that your administrators act as',
    }),
  ];
}
