import { ApiError } from './api-error.ts';
import type { Call } from './call.ts';
import { pageOf, pageRequest, queryOf } from './query.ts';
import { accountObject, listObject, mintedKeyObject, projectKeyObject } from './shapes.ts';
import type { Organization } from './organization.ts';
import type { StoredKey } from './stored.ts';
import {
  expiresInSeconds,
  fields,
  flag,
  list,
  listOrEmpty,
  oneOf,
  optional,
  optionalOrNull,
  text,
} from './strict-fields.ts';

/** `GET /organization/projects/{id}/service_accounts` */
export function listAccounts({ organization, search, ids: [project] }: Call): unknown {
  const page = pageRequest(queryOf(search, ['after', 'limit']));
  const { items, hasMore } = pageOf(organization.accounts(project), page);
  return listObject(items.map(accountObject), hasMore);
}

/** `POST /organization/projects/{id}/service_accounts`: the only answer with the value of its key. */
export function createAccount({ organization, search, body, ids: [project] }: Call): unknown {
  queryOf(search, []);
  const asked = fields(body, {
    name: text(organization.limits.nameCharacters),
    create_service_account_only: optionalOrNull(flag),
    expires_in_seconds: optionalOrNull(expiresInSeconds),
  });
  const withoutKey = asked.create_service_account_only ?? false;
  if (withoutKey && asked.expires_in_seconds !== undefined) {
    throw new ApiError(
      400,
      "'expires_in_seconds' is of a key, and 'create_service_account_only' makes none.",
      {
        code: 'invalid_value',
        param: 'expires_in_seconds',
      },
    );
  }
  const order = { name: asked.name, expiresInSeconds: asked.expires_in_seconds };
  const { account, minted } = organization.createAccount(project, order, withoutKey);
  return {
    ...accountObject(account),
    api_key: minted ? mintedKeyObject(minted.key, minted.value) : null,
  };
}

/** `GET /organization/projects/{id}/service_accounts/{id}` */
export function readAccount({ organization, search, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  return accountObject(organization.account(project, id));
}

/** `DELETE /organization/projects/{id}/service_accounts/{id}` */
export function deleteAccount({ organization, search, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  organization.deleteAccount(project, id);
  return { object: 'organization.project.service_account.deleted', id, deleted: true };
}

/** `POST /organization/projects/{id}/service_accounts/{id}/api_keys`: the only answer with the value. */
export function createAccountKey({ organization, search, body, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  const asked = fields(body ?? {}, {
    name: optional(text(organization.limits.nameCharacters)),
    scopes: optional(list(text(128))),
    expires_in_seconds: optionalOrNull(expiresInSeconds),
  });
  const order = {
    name: asked.name ?? 'Secret Key',
    expiresInSeconds: asked.expires_in_seconds,
    scopes: asked.scopes,
  };
  const { key, value } = organization.createKey(project, id, order);
  return mintedKeyObject(key, value);
}

/** `GET /organization/projects/{id}/api_keys` */
export function listProjectKeys({ organization, search, ids: [project] }: Call): unknown {
  const query = queryOf(search, ['after', 'limit', 'owner_project_access']);
  const access = optional(oneOf('active', 'inactive', 'any'))(
    query.get('owner_project_access'),
    'owner_project_access',
  );
  const page = pageRequest(query);
  const shown = organization
    .keys(project)
    .filter(
      (key) => access === undefined || access === 'any' || accessOf(organization, project, key) === access,
    );
  const { items, hasMore } = pageOf(shown, page);
  return listObject(
    items.map((key) => objectOf(organization, project, key)),
    hasMore,
  );
}

/** `GET /organization/projects/{id}/api_keys/{id}` */
export function readProjectKey({ organization, search, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  return objectOf(organization, project, organization.key(project, id));
}

/** `POST /organization/projects/{id}/api_keys/{id}`: at least one of the two. The answer has no value. */
export function updateProjectKey({ organization, search, body, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  const asked = fields(body, {
    scopes: optional(listOrEmpty(text(128))),
    expires_in_seconds: optional(expiresInSeconds),
  });
  if (asked.scopes === undefined && asked.expires_in_seconds === undefined)
    throw new ApiError(400, "Nothing to update: give 'scopes' or 'expires_in_seconds'.");
  const key = organization.updateKey(project, id, {
    scopes: asked.scopes,
    expiresInSeconds: asked.expires_in_seconds,
  });
  return objectOf(organization, project, key);
}

/** `DELETE /organization/projects/{id}/api_keys/{id}`: leaves the service account, as the reference has it since 2026-11. */
export function deleteProjectKey({ organization, search, ids: [project, id] }: Call): unknown {
  queryOf(search, []);
  organization.deleteKey(project, id);
  return { object: 'organization.project.api_key.deleted', id, deleted: true };
}

const objectOf = (organization: Organization, project: string, key: StoredKey): Record<string, unknown> =>
  projectKeyObject(key, organization.account(project, key.account ?? ''));

/** Tombstones have no living owner; they are on no page, and only mark a place. */
function accessOf(
  organization: Organization,
  project: string,
  { account: id }: StoredKey,
): 'active' | 'inactive' {
  const owner = organization.accounts(project).find((account) => account.id === id);
  return owner?.role === 'member' ? 'active' : 'inactive';
}
