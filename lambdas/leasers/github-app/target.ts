import { fit, listOf, mapOf, number, oneOf, optional, record, text } from '../../contracts/check.ts';
import type { LeaseAuthority, Leasable } from '../../core/access/access-inventory.ts';
import { LockstepError } from '../../core/errors.ts';

/** How far a permission reaches, from less to more. */
export const LEVELS = ['read', 'write', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

/** What a token may do, and for which purposes it is. */
export interface TokenAccess {
  readonly repositories: readonly string[];
  readonly permissions: Readonly<Record<string, Level>>;
  readonly purposes?: readonly string[];
}

/** What is leased: an installation of an App, and what of it. As `kind.ts` has checked it. */
export interface InstallationToLease {
  readonly installation: number;
  readonly account: string;
  readonly access: readonly TokenAccess[];
}

/** The target of a leasable of this kind. */
export const installationToLease = ({ name, target }: Leasable): InstallationToLease =>
  fit(
    record<InstallationToLease>({
      installation: number,
      account: text,
      access: listOf(
        record<TokenAccess>({
          repositories: listOf(text),
          permissions: mapOf(oneOf(...LEVELS)),
          purposes: optional(listOf(text)),
        }),
      ),
    }),
    target,
    'INVENTORY_INVALID',
    `the target of ${name}`,
  );

/**
 * What a token for this purpose may do: the entry that names it, else the one for all others. Where there is neither,
 * nothing is asked for: GitHub takes a request that names no repositories and no permissions as one for all.
 */
export function accessFor(leasable: string, { access }: InstallationToLease, purpose: string): TokenAccess {
  const found =
    access.find(({ purposes }) => purposes?.includes(purpose)) ??
    access.find(({ purposes }) => purposes === undefined);
  if (found && found.repositories.length > 0 && Object.keys(found.permissions).length > 0) return found;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `nothing in access of ${leasable} is for the purpose that it was asked for; add an entry, or take the purpose away`,
  );
}

/** The App that an authority is the key of. */
export interface App {
  readonly apiUrl: string;
  readonly clientId: string;
}

/** The target of an authority of this kind. */
export const appOf = ({ name, target }: LeaseAuthority): App =>
  fit(record<App>({ apiUrl: text, clientId: text }), target, 'INVENTORY_INVALID', `the target of ${name}`);
