import type { StoredAccount, StoredKey } from './stored.ts';

/**
 * The objects of OpenAI's administration API, field by field as openai-openapi (2026-08) and openai-node 7.57.0
 * document them. Times are whole seconds, rounded down.
 */
export const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

const expiry = ({ expiresAtMs }: StoredKey): number | null =>
  expiresAtMs === null ? null : seconds(expiresAtMs);

/** `organization.admin_api_key` */
export const adminKeyObject = (key: StoredKey): Record<string, unknown> => ({
  object: 'organization.admin_api_key',
  id: key.id,
  name: key.name,
  redacted_value: key.redacted,
  created_at: seconds(key.createdAtMs),
  expires_at: expiry(key),
  last_used_at: key.lastUsedAtSeconds,
  owner: {
    type: 'user',
    object: 'organization.user',
    id: 'user_double',
    name: 'owner of the double',
    created_at: 0,
    role: 'owner',
  },
});

/** `organization.project.service_account` */
export const accountObject = (account: StoredAccount): Record<string, unknown> => ({
  object: 'organization.project.service_account',
  id: account.id,
  name: account.name,
  role: account.role,
  created_at: seconds(account.createdAtMs),
});

/** `organization.project.service_account.api_key`, the only object with a project key's value. */
export const mintedKeyObject = (key: StoredKey, value: string): Record<string, unknown> => ({
  object: 'organization.project.service_account.api_key',
  value,
  name: key.name,
  created_at: seconds(key.createdAtMs),
  id: key.id,
  expires_at: expiry(key),
});

/** `organization.project.api_key` */
export const projectKeyObject = (key: StoredKey, account: StoredAccount): Record<string, unknown> => ({
  object: 'organization.project.api_key',
  id: key.id,
  name: key.name,
  redacted_value: key.redacted,
  created_at: seconds(key.createdAtMs),
  last_used_at: key.lastUsedAtSeconds,
  expires_at: expiry(key),
  owner_project_access: account.role === 'none' ? 'inactive' : 'active',
  owner: {
    type: 'service_account',
    service_account: {
      id: account.id,
      name: account.name,
      created_at: seconds(account.createdAtMs),
      role: account.role,
    },
  },
});

/** One page of a list. */
export const listObject = (
  data: readonly Readonly<Record<string, unknown>>[],
  hasMore: boolean,
): Record<string, unknown> => ({
  object: 'list',
  data,
  first_id: data.at(0)?.['id'] ?? null,
  last_id: data.at(-1)?.['id'] ?? null,
  has_more: hasMore,
});
