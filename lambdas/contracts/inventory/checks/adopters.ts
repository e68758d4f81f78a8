import type { Check, Draft, DraftCredential } from '../draft.ts';
import { problemAt, type Problem } from '../problem.ts';

/** On AWS an authority's first value comes from a person, whom its resource policy must name; and only from the same account. */
export const checkAdopters: Check = (draft) =>
  draft.isLocal
    ? []
    : draft.credentials.flatMap((credential) => [
        ...nobody(draft, credential),
        ...foreignAdopters(draft, credential),
      ]);

function nobody({ environment }: Draft, { at, kind, adopters }: DraftCredential): readonly Problem[] {
  if (!kind?.isAuthority || adopters === undefined || adopters.length > 0) return [];
  return [
    problemAt([...at, 'adopters'], {
      found: `nobody who may put the first value in ${environment}`,
      allowed:
        'at least one ARN of an IAM role or user: nothing else can make the first value of an authority',
      mend: 'add the role that your administrators act as',
    }),
  ];
}

/** Whoever puts a value by hand is of the environment's own account. */
export function foreignAdopters(
  { account }: Draft,
  {
    at,
    adopters = [],
  }: { readonly at: DraftCredential['at']; readonly adopters?: readonly string[] | undefined },
): readonly Problem[] {
  return adopters.flatMap((arn) => {
    const [, , , , owner] = arn.split(':');
    if (account === undefined || owner === account) return [];
    return [
      problemAt([...at, 'adopters'], {
        found: `a principal of the account ${owner}: adopters of another account are not supported yet`,
        allowed: `principals of the environment's account ${account}`,
        mend: `name a role of ${account} that the person can assume`,
      }),
    ];
  });
}
