import type { Leasable, LeaseAuthority } from '../../../../core/access/access-inventory.ts';
import { rolePath } from '../../../names.ts';
import { shownAccount } from '../../account-words.ts';
import { wholeCredential, type Check, type Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { problemAt, type Path, type Problem } from '../../problem.ts';
import type { DraftLease } from '../draft-access.ts';
import { wholeLease, wholeLeaseAuthority } from '../whole-access.ts';

/**
 * Whoever leases cannot rotate, and whoever rotates cannot lease: no lease authority, and nothing that a lease acts as,
 * is an account that a credential changes. Each lease authority is one account, in one environment. And nobody gets what a
 * lease leaves behind who may do more than it could.
 */
export const checkLeaseAccounts: Check = (draft, others) => {
  const elsewhere = draft.isLocal ? [] : others;
  const rotated = rotatedBy([draft, ...elsewhere]);
  const authorities = authorityAccounts(draft);
  const rivals = elsewhere.flatMap(authorityAccounts);
  return [
    ...authorities.flatMap((account) => isRotated(account, rotated)),
    ...authorities.flatMap((account, position) =>
      isShared(account, [...authorities.slice(0, position), ...rivals]),
    ),
    ...leaseAccounts(draft).flatMap((account) => isRotated(account, rotatedBy([draft]))),
    ...leaseAccounts(draft).flatMap((account) => isOurs(draft, account)),
    ...draft.access.leases.flatMap(leavesToMore),
  ];
};

interface Account {
  readonly account: string;
  readonly at: Path;
  readonly name: string;
  readonly environment: string;
}

const rotatedBy = (drafts: readonly Draft[]): readonly Account[] =>
  drafts.flatMap(({ credentials, environment }) =>
    credentials.flatMap((credential) => {
      const whole = wholeCredential(credential);
      const accounts = whole ? (credential.kind?.accounts(whole) ?? []) : [];
      return accounts.map((account) => ({ account, at: credential.at, name: credential.name, environment }));
    }),
  );

const authorityAccounts = ({ access, environment }: Draft): readonly Account[] =>
  access.leaseAuthorities.flatMap((draft) => {
    const whole = wholeLeaseAuthority(draft);
    const accounts = whole ? (draft.kind?.authority?.accounts(whole) ?? []) : [];
    return accounts.map((account) => ({ account, at: draft.at, name: draft.name, environment }));
  });

const leaseAccounts = ({ access, environment }: Draft): readonly Account[] =>
  access.leases.flatMap((draft) => {
    const whole = wholeLease(draft);
    const accounts = whole ? (draft.kind?.accounts(whole, authorityOf(access, whole)) ?? []) : [];
    return accounts.map((account) => ({ account, at: draft.at, name: draft.name, environment }));
  });

/** The lease authority of a lease, where both could be read and are of one kind. */
export function authorityOf(
  { leaseAuthorities }: Draft['access'],
  { authority, kind }: Pick<Leasable, 'authority' | 'kind'>,
): LeaseAuthority | undefined {
  const found = leaseAuthorities.find((each) => each.name === authority && each.kind?.name === kind);
  return found && wholeLeaseAuthority(found);
}

function isRotated({ account, at, environment }: Account, rotated: readonly Account[]): readonly Problem[] {
  const rotator = rotated.find((other) => other.account === account);
  if (!rotator) return [];
  const where = rotator.environment === environment ? '' : ` in ${quoted(rotator.environment)}`;
  return [
    problemAt(at, {
      found: `the account ${shownAccount(account)}, which ${quoted(rotator.name)}${where} rotates`,
      allowed:
        'an account that no credential changes: who rotates it could lease, and who leases could rotate',
      mend: 'make an account of its own for leases',
    }),
  ];
}

function isShared({ account, at, environment }: Account, others: readonly Account[]): readonly Problem[] {
  const twin = others.find((other) => other.account === account);
  if (!twin) return [];
  const where = twin.environment === environment ? '' : ` in ${quoted(twin.environment)}`;
  return [
    problemAt(at, {
      found: `the account ${shownAccount(account)}, which ${quoted(twin.name)}${where} is as well`,
      allowed: 'an account for each lease authority of each environment',
      mend: 'make an account of its own for each',
    }),
  ];
}

function isOurs({ environment, isLocal }: Draft, { account, at }: Account): readonly Problem[] {
  if (isLocal || !account.includes(`:role${rolePath(environment)}`)) return [];
  return [
    problemAt(at, {
      found: `a role under ${rolePath(environment)}, where Lockstep keeps its own roles`,
      allowed: 'a role that holds what the lease is for',
      mend: 'make a role of its own for this lease',
    }),
  ];
}

function leavesToMore(draft: DraftLease): readonly Problem[] {
  const whole = wholeLease(draft);
  const heir = whole && draft.kind?.heir?.(whole);
  if (!heir || heir.granted.includes(heir.role)) return [];
  return [
    problemAt(draft.targetPaths[heir.field] ?? draft.at, {
      found: `the role ${quoted(heir.role)}, whose rights the lease does not get`,
      allowed: `a role of grants: ${heir.granted.join(', ')}`,
      mend: 'name the one that may have what holders make',
    }),
  ];
}
