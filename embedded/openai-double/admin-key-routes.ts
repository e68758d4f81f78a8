import type { Call } from './call.ts';
import { pageOf, pageRequest, queryOf } from './query.ts';
import { adminKeyObject, listObject } from './shapes.ts';
import { expiresInSeconds, fields, oneOf, optional, text } from './strict-fields.ts';

/** `GET /organization/admin_api_keys` */
export function listAdminKeys({ organization, search }: Call): unknown {
  const query = queryOf(search, ['after', 'limit', 'order']);
  const order = optional(oneOf('asc', 'desc'))(query.get('order'), 'order');
  const keys = organization.adminKeys();
  const { items, hasMore } = pageOf(order === 'desc' ? keys.toReversed() : keys, pageRequest(query));
  return listObject(items.map(adminKeyObject), hasMore);
}

/** `POST /organization/admin_api_keys`: the only answer with the value. */
export function createAdminKey({ organization, search, body }: Call): unknown {
  queryOf(search, []);
  const { name, expires_in_seconds } = fields(body, {
    name: text(organization.limits.nameCharacters),
    expires_in_seconds: optional(expiresInSeconds),
  });
  const { key, value } = organization.createAdminKey({ name, expiresInSeconds: expires_in_seconds });
  return { ...adminKeyObject(key), value };
}

/** `GET /organization/admin_api_keys/{id}` */
export function readAdminKey({ organization, search, ids: [id] }: Call): unknown {
  queryOf(search, []);
  return adminKeyObject(organization.adminKey(id));
}

/** `DELETE /organization/admin_api_keys/{id}` */
export function deleteAdminKey({ organization, search, ids: [id] }: Call): unknown {
  queryOf(search, []);
  organization.deleteAdminKey(id);
  return { object: 'organization.admin_api_key.deleted', id, deleted: true };
}
