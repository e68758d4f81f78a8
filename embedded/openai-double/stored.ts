/** Digest of a key: the double never keeps one, as it never needs to show one again. */
type KeyDigest = string;

/** A key of the organization or of a project. Ended ones stay as tombstones: they name a refused key in the log. */
export interface StoredKey {
  readonly id: string;
  readonly digest: KeyDigest;
  readonly redacted: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtSeconds: number | null;
  readonly deletedAtMs: number | null;
  /** The service account that it belongs to; absent for an admin key. */
  readonly account?: string;
  /** What it may do; absent or empty: all that its account may. */
  readonly scopes?: readonly string[];
}

/** A service account of a project. */
export interface StoredAccount {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly role: 'member' | 'none';
  readonly createdAtMs: number;
  readonly deletedAtMs: number | null;
}

/** All that survives the process. Lists are in the order of creation. */
export interface StoredOrganization {
  readonly format: 1;
  readonly projects: readonly string[];
  readonly adminKeys: readonly StoredKey[];
  readonly accounts: readonly StoredAccount[];
  readonly keys: readonly StoredKey[];
}

export const EMPTY: StoredOrganization = { format: 1, projects: [], adminKeys: [], accounts: [], keys: [] };

/** Documented by OpenAI only for pages and for expiry; the others are this double's own, to have them met. */
export interface Limits {
  readonly nameCharacters: number;
  readonly liveKeysPerProject: number;
  readonly liveAdminKeys: number;
}

export const LIMITS: Limits = { nameCharacters: 256, liveKeysPerProject: 100, liveAdminKeys: 100 };

/** Tombstones that are kept of each list: enough to name whatever a client could still hold. */
const TOMBSTONES = 200;

/** The list without its oldest tombstones. */
export function pruned<T extends { readonly deletedAtMs: number | null }>(items: readonly T[]): readonly T[] {
  let spare = items.filter(({ deletedAtMs }) => deletedAtMs !== null).length - TOMBSTONES;
  if (spare <= 0) return items;
  return items.filter(({ deletedAtMs }) => deletedAtMs === null || (spare -= 1) < 0);
}
