import { createHash } from 'node:crypto';
import type { Faults } from './faults.ts';
import type { StoredKey, StoredOrganization } from './stored.ts';

/** A key as it is presented: what it is, and whether it is taken now. */
export interface Presented {
  readonly kind: 'admin' | 'project';
  readonly key: StoredKey;
  readonly isTaken: boolean;
}

export const digestOf = (value: string): string => createHash('sha256').update(value).digest('hex');

/** What the list shows of a key: its kind and its last four characters. */
export const redacted = (value: string): string =>
  `${value.split('-').slice(0, 2).join('-')}-...${value.slice(-4)}`;

/** Whose key this is, living or ended; `undefined` for one that was never ours. */
export function present(
  { adminKeys, keys, accounts }: StoredOrganization,
  value: string,
  now: Date,
  faults: Pick<Faults, 'newKeyDelayMs' | 'revocationDelayMs'>,
): Presented | undefined {
  const digest = digestOf(value);
  const admin = adminKeys.find((key) => key.digest === digest);
  const key = admin ?? keys.find((each) => each.digest === digest);
  if (!key) return undefined;
  // A service account without a role has no access to its project: its key is known and good for nothing.
  const role = accounts.find(({ id }) => id === key.account)?.role;
  const isTaken = isLive(key, now, faults) && role !== 'none';
  return { kind: admin ? 'admin' : 'project', key, isTaken };
}

/** As the caches of the provider see it: late to know a new key, late to forget an ended one. */
function isLive(
  { createdAtMs, deletedAtMs, expiresAtMs }: StoredKey,
  now: Date,
  { newKeyDelayMs, revocationDelayMs }: Pick<Faults, 'newKeyDelayMs' | 'revocationDelayMs'>,
): boolean {
  const at = now.getTime();
  if (at < createdAtMs + newKeyDelayMs) return false;
  if (expiresAtMs !== null && at >= expiresAtMs) return false;
  return deletedAtMs === null || at < deletedAtMs + revocationDelayMs;
}
