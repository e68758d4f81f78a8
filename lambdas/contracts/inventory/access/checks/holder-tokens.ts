import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftLease } from '../draft-access.ts';
import { wholeLease } from '../whole-access.ts';

/** Tokens that holders show for a lease are of an issuer by whose tokens somebody can ask: of another, nobody could have it. */
export const checkHolderTokens: Check = (draft) =>
  draft.access.leases.flatMap((lease) => tokens(draft, lease));

function tokens({ access }: Draft, lease: DraftLease): readonly Problem[] {
  const whole = wholeLease(lease);
  const shown = whole ? lease.kind?.holderTokens?.(whole) : undefined;
  if (!shown) return [];
  const declared = access.issuers.filter(
    ({ read }) => read.issuer === shown.issuer && read.audience === shown.audience,
  );
  if (declared.some(({ read }) => read.use === 'caller')) return [];
  // What could not be read may be the one; whoever read it has reported it.
  if (access.issuers.some(({ read }) => read.issuer === undefined || read.audience === undefined)) return [];
  const [other] = declared;
  return [
    problemAt(lease.targetPaths['issuer'] ?? lease.at, {
      found: other
        ? `tokens of ${quoted(other.name)}, by which nobody asks (use: acting-for)`
        : `tokens of ${quoted(shown.issuer)} for ${quoted(shown.audience)}, which no issuer is declared to make`,
      allowed: 'issuer and audience of one of issuers whose tokens say who asks (use: caller)',
      mend: 'declare it in issuers, or name another here',
    }),
  ];
}
