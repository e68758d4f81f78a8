import { ApiError, notFound } from './api-error.ts';
import type { Faults } from './faults.ts';
import { digestOf, present, redacted, type Presented } from './keyring.ts';
import { mint, newId, type KeyOrder, type Minted, type MintPorts } from './mint.ts';
import { seconds } from './shapes.ts';
import {
  LIMITS,
  pruned,
  type Limits,
  type StoredAccount,
  type StoredKey,
  type StoredOrganization,
} from './stored.ts';

/** What the double's organization is made of. */
export interface OrganizationPorts extends MintPorts {
  readonly faults: Faults;
  readonly limits?: Partial<Limits>;
  readonly stored: StoredOrganization;
  /** Durable when it returns. A state that could not be stored is not the state. */
  readonly save: (organization: StoredOrganization) => void;
}

/** What a person made in the provider's console before Lockstep came: projects, and the first admin keys. */
export interface Seed {
  readonly projects: readonly string[];
  readonly adminKeys: readonly { readonly id: string; readonly value: string }[];
}

/** The organization behind the double's API: its keys and accounts, and who may be shown them. */
export class Organization {
  readonly limits: Limits;
  readonly #ports: OrganizationPorts;
  #state: StoredOrganization;
  #isTouched = false;

  constructor(ports: OrganizationPorts) {
    this.#ports = ports;
    this.#state = ports.stored;
    this.limits = { ...LIMITS, ...ports.limits };
  }

  /** Adds what is not there yet. An id that was ended stays ended. */
  seed({ projects, adminKeys }: Seed): void {
    const known = new Set(this.#state.adminKeys.map(({ id }) => id));
    const fresh = adminKeys
      .filter(({ id }) => !known.has(id))
      .map(({ id, value }): StoredKey => {
        const { key } = mint(this.#ports, 'sk-admin', { name: 'first key' });
        return { ...key, id, digest: digestOf(value), redacted: redacted(value) };
      });
    if (fresh.length === 0 && projects.every((project) => this.#state.projects.includes(project))) return;
    this.#commit({
      projects: [...new Set([...this.#state.projects, ...projects])],
      adminKeys: [...this.#state.adminKeys, ...fresh],
    });
  }

  /** Whose key this is, and whether it is taken now. */
  present(value: string): Presented | undefined {
    return present(this.#state, value, this.#ports.clock(), this.#ports.faults);
  }

  /** Notes that a key was used: in memory until `flush` or the next change. The provider's own note is late as well. */
  touch({ id }: StoredKey): void {
    const lastUsedAtSeconds = seconds(this.#ports.clock().getTime());
    const touched = (key: StoredKey): StoredKey => (key.id === id ? { ...key, lastUsedAtSeconds } : key);
    const { adminKeys, keys } = this.#state;
    this.#state = { ...this.#state, adminKeys: adminKeys.map(touched), keys: keys.map(touched) };
    this.#isTouched = true;
  }

  /** What cannot be stored now, because a disk is full, is stored by a later one: only last uses wait for it. */
  flush(): void {
    if (!this.#isTouched) return;
    try {
      this.#commit({});
    } catch {
      // Still touched.
    }
  }

  /** With tombstones, as every list here: a cursor may stand on one. */
  adminKeys(): readonly StoredKey[] {
    return this.#state.adminKeys;
  }

  adminKey(id: string): StoredKey {
    return live(this.#state.adminKeys, id);
  }

  createAdminKey(order: KeyOrder): Minted {
    const { adminKeys } = this.#state;
    if (adminKeys.filter(isNotDeleted).length >= this.limits.liveAdminKeys)
      throw new ApiError(400, `This organization has its ${this.limits.liveAdminKeys} admin keys already.`);
    const minted = mint(this.#ports, 'sk-admin', order);
    this.#commit({ adminKeys: [...adminKeys, minted.key] });
    return minted;
  }

  deleteAdminKey(id: string): void {
    const key = this.adminKey(id);
    this.#commit({
      adminKeys: this.#state.adminKeys.map((each) => (each === key ? this.#ended(each) : each)),
    });
  }

  accounts(project: string): readonly StoredAccount[] {
    if (!this.#state.projects.includes(project)) throw notFound('Project not found.');
    return this.#state.accounts.filter((account) => account.project === project);
  }

  account(project: string, id: string): StoredAccount {
    return live(this.accounts(project), id);
  }

  /** Makes an account with its first key, or, `withoutKey`, one that has neither key nor role. */
  createAccount(
    project: string,
    order: KeyOrder,
    withoutKey: boolean,
  ): { readonly account: StoredAccount; readonly minted?: Minted } {
    const { accounts, keys } = this.#state;
    this.accounts(project);
    const account: StoredAccount = {
      id: newId(this.#ports, 'svc_acct_'),
      project,
      name: order.name,
      role: withoutKey ? 'none' : 'member',
      createdAtMs: this.#ports.clock().getTime(),
      deletedAtMs: null,
    };
    if (withoutKey) {
      this.#commit({ accounts: [...accounts, account] });
      return { account };
    }
    this.#assertRoom(project);
    const minted = mint(this.#ports, 'sk-svcacct', { ...order, name: 'Secret Key' }, account.id);
    this.#commit({ accounts: [...accounts, account], keys: [...keys, minted.key] });
    return { account, minted };
  }

  /** Its keys end with it. */
  deleteAccount(project: string, id: string): void {
    const account = this.account(project, id);
    const { accounts, keys } = this.#state;
    this.#commit({
      accounts: accounts.map((each) => (each === account ? this.#ended(each) : each)),
      keys: keys.map((key) => (key.account === id && isNotDeleted(key) ? this.#ended(key) : key)),
    });
  }

  keys(project: string): readonly StoredKey[] {
    const ids = new Set(this.accounts(project).map(({ id }) => id));
    return this.#state.keys.filter(({ account }) => account !== undefined && ids.has(account));
  }

  key(project: string, id: string): StoredKey {
    return live(this.keys(project), id);
  }

  createKey(project: string, accountId: string, order: KeyOrder): Minted {
    this.account(project, accountId);
    this.#assertRoom(project);
    const minted = mint(this.#ports, 'sk-svcacct', order, accountId);
    this.#commit({ keys: [...this.#state.keys, minted.key] });
    return minted;
  }

  /** Moves its end, counted from now, or replaces what it may do. What has ended cannot be changed. */
  updateKey(project: string, id: string, { scopes, expiresInSeconds }: Omit<KeyOrder, 'name'>): StoredKey {
    const key = this.key(project, id);
    const now = this.#ports.clock().getTime();
    if (key.expiresAtMs !== null && key.expiresAtMs <= now)
      throw new ApiError(400, 'An expired key cannot be updated.', { code: 'invalid_value' });
    const changed: StoredKey = {
      ...key,
      ...(scopes === undefined ? {} : { scopes }),
      ...(expiresInSeconds === undefined ? {} : { expiresAtMs: now + expiresInSeconds * 1000 }),
    };
    this.#commit({ keys: this.#state.keys.map((each) => (each === key ? changed : each)) });
    return changed;
  }

  /** The account stays. */
  deleteKey(project: string, id: string): void {
    const key = this.key(project, id);
    this.#commit({ keys: this.#state.keys.map((each) => (each === key ? this.#ended(each) : each)) });
  }

  #assertRoom(project: string): void {
    if (this.keys(project).filter(isNotDeleted).length < this.limits.liveKeysPerProject) return;
    throw new ApiError(400, `This project has its ${this.limits.liveKeysPerProject} API keys already.`);
  }

  #ended<T extends { readonly deletedAtMs: number | null }>(item: T): T {
    return { ...item, deletedAtMs: this.#ports.clock().getTime() };
  }

  /** Stored first, believed after. */
  #commit(change: Partial<StoredOrganization>): void {
    const { adminKeys, accounts, keys, ...rest } = { ...this.#state, ...change };
    const next = {
      ...rest,
      adminKeys: pruned(adminKeys),
      accounts: pruned(accounts),
      keys: pruned(keys),
    };
    this.#ports.save(next);
    this.#state = next;
    this.#isTouched = false;
  }
}

const isNotDeleted = ({ deletedAtMs }: { readonly deletedAtMs: number | null }): boolean =>
  deletedAtMs === null;

function live<T extends { readonly id: string; readonly deletedAtMs: number | null }>(
  items: readonly T[],
  id: string,
): T {
  const found = items.find((item) => item.id === id && item.deletedAtMs === null);
  if (found) return found;
  throw notFound('No such object in this organization.');
}
