import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftToken } from '../draft-access.ts';
import { unknownName } from './unknown-name.ts';

/** A token names one workload: what could name two would let one be the other. */
export const checkTokens: Check = (draft) =>
  draft.access.tokens.flatMap((token) => [
    ...unknownName([...token.at, 'issuer'], token.issuer, {
      what: 'issuer',
      section: 'issuers',
      names: draft.access.names.issuers,
    }),
    ...wrongUse(draft, token),
    ...ambiguous(draft, token),
  ]);

function wrongUse({ access }: Draft, { at, issuer }: DraftToken): readonly Problem[] {
  const found = access.issuers.find(({ name }) => name === issuer);
  if (found?.read.use !== 'acting-for') return [];
  return [
    problemAt([...at, 'issuer'], {
      found: `the issuer ${quoted(issuer)}, whose tokens say whom an agent acts for`,
      allowed: "an issuer with use: 'caller'",
      mend: 'name the issuer by whose tokens the workload itself asks',
    }),
  ];
}

function ambiguous({ access }: Draft, { at, workload, issuer, claims }: DraftToken): readonly Problem[] {
  const twin = access.tokens.find(
    (other) => other.workload < workload && other.issuer === issuer && !differ(other.claims, claims),
  );
  if (!twin) return [];
  return [
    problemAt(at, {
      found: `claims that a token of the workload ${quoted(twin.workload)} may have as well`,
      allowed: 'claims of which at least one has another value for each workload',
      mend: 'add a claim to both that tells them apart, such as sub',
    }),
  ];
}

/** Whether no token can have the claims of both: one claim at least has two values. */
const differ = (one: DraftToken['claims'], other: DraftToken['claims']): boolean =>
  Object.entries(one).some(([claim, value]) => Object.hasOwn(other, claim) && other[claim] !== value);
