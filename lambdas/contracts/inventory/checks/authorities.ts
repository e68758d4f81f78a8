import type { Check, DraftCredential } from '../draft.ts';
import { quoted } from '../found.ts';
import { listed, meant } from '../nearest.ts';
import { problemAt, type Problem } from '../problem.ts';

/** An authority is declared, and of the kind that has power over the credential. */
export const checkAuthorities: Check = ({ credentials, names }) =>
  credentials.flatMap((credential) => {
    const { authority, kind } = credential;
    if (authority === undefined || kind?.authorityKind === undefined) return [];
    const fitting = credentials.filter((other) => other.kind?.name === kind.authorityKind);
    const fittingNames = fitting.map(({ name }) => name);
    if (!names.credentials.has(authority)) return [missing(credential, authority, fittingNames)];
    const found = credentials.find(({ name }) => name === authority);
    if (found?.kind === undefined || found.kind.name === kind.authorityKind) return [];
    return [
      problemAt([...credential.at, 'authority'], {
        found: `${quoted(authority)}, a credential of kind ${found.kind.name}`,
        allowed: `a credential of kind ${kind.authorityKind}: ${listed(fittingNames)}`,
        mend: `name the ${kind.authorityKind} that may change this credential`,
      }),
    ];
  });

const missing = ({ at, kind }: DraftCredential, authority: string, fitting: readonly string[]): Problem =>
  problemAt([...at, 'authority'], {
    found: `the authority ${quoted(authority)}, which is not declared`,
    allowed: `a credential of kind ${kind?.authorityKind ?? ''}: ${listed(fitting)}`,
    mend: meant(
      authority,
      fitting,
      `declare a ${kind?.authorityKind ?? 'credential'} of that name in credentials`,
    ),
  });
