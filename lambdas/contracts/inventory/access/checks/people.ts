import { IDENTITY_CENTER } from '../../../../core/access/identity-center.ts';
import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftIssuer } from '../draft-access.ts';

/**
 * People are told apart by their names, and nobody may approve what they ask for: where they can come from two places, the
 * file says whether those are the same people. In the embedded world whoever has tokens signed is one anyway.
 */
export const checkPeople: Check = (draft) => {
  if (draft.isLocal) return [];
  const issuers = issuersOfPeople(draft);
  return issuers
    .filter(({ read }) => read.people === undefined)
    .flatMap((issuer) => unsaid(issuer, elsewhere(draft, issuers, issuer)));
};

function issuersOfPeople({ access }: Draft): readonly DraftIssuer[] {
  const named = new Set(access.roles.flatMap(({ groups = [] }) => groups.map(({ issuer }) => issuer)));
  return access.issuers.filter(({ name }) => named.has(name));
}

/** Where the people of an issuer may have another name. Its other entry has its `iss`, and so the same names for the same subjects. */
function elsewhere(
  { access }: Draft,
  issuers: readonly DraftIssuer[],
  { read }: DraftIssuer,
): string | undefined {
  const other = issuers.find(
    (each) =>
      each.read.people !== undefined ||
      each.read.issuer !== read.issuer ||
      each.read.claims?.subject !== read.claims?.subject,
  );
  if (other) return `the issuer ${quoted(other.name)}`;
  const isAtAws = access.roles.some(({ principals = [] }) =>
    principals.some((arn) => arn.includes(IDENTITY_CENTER.roles)),
  );
  return isAtAws ? 'IAM Identity Center' : undefined;
}

const unsaid = ({ at, name }: DraftIssuer, other: string | undefined): readonly Problem[] =>
  other === undefined
    ? []
    : [
        problemAt([...at, 'people'], {
          found: `nothing, while people come from ${quoted(name)} and from ${other}`,
          allowed:
            'the name of their directory: one human with two names could approve what they asked for themselves',
          mend: `give each issuer of the same people the same name (${IDENTITY_CENTER.people} for those of IAM Identity Center), and claims.subject where they call them differently; others another name`,
        }),
      ];
