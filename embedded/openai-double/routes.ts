import { notFound } from './api-error.ts';
import { createCompletion, listModels } from './model-routes.ts';
import { createAdminKey, deleteAdminKey, listAdminKeys, readAdminKey } from './admin-key-routes.ts';
import type { Call } from './call.ts';
import {
  createAccount,
  createAccountKey,
  deleteAccount,
  deleteProjectKey,
  listAccounts,
  listProjectKeys,
  readAccount,
  readProjectKey,
  updateProjectKey,
} from './project-routes.ts';

/** One route. `template` is what the request log and the faults call it. */
export interface Route {
  readonly template: string;
  readonly method: string;
  readonly segments: readonly string[];
  /** Which kind of key opens it. */
  readonly opens: 'admin' | 'project';
  /** The scope that a key with scopes needs. The provider documents `api.all.read` and `api.files.read`; these are our guess. */
  readonly scope?: string;
  readonly run: (call: Call) => unknown;
}

const route = (
  method: string,
  path: string,
  opens: Route['opens'],
  run: Route['run'],
  scope?: string,
): Route => ({
  template: `${method} ${path}`,
  method,
  segments: path.split('/').slice(1),
  opens,
  run,
  ...(scope === undefined ? {} : { scope }),
});

/** Everything that this double knows of OpenAI's API. All paths stand below `/v1`. */
export const ROUTES: readonly Route[] = [
  route('GET', '/organization/admin_api_keys', 'admin', listAdminKeys),
  route('POST', '/organization/admin_api_keys', 'admin', createAdminKey),
  route('GET', '/organization/admin_api_keys/{id}', 'admin', readAdminKey),
  route('DELETE', '/organization/admin_api_keys/{id}', 'admin', deleteAdminKey),
  route('GET', '/organization/projects/{id}/service_accounts', 'admin', listAccounts),
  route('POST', '/organization/projects/{id}/service_accounts', 'admin', createAccount),
  route('GET', '/organization/projects/{id}/service_accounts/{id}', 'admin', readAccount),
  route('DELETE', '/organization/projects/{id}/service_accounts/{id}', 'admin', deleteAccount),
  route('POST', '/organization/projects/{id}/service_accounts/{id}/api_keys', 'admin', createAccountKey),
  route('GET', '/organization/projects/{id}/api_keys', 'admin', listProjectKeys),
  route('GET', '/organization/projects/{id}/api_keys/{id}', 'admin', readProjectKey),
  route('POST', '/organization/projects/{id}/api_keys/{id}', 'admin', updateProjectKey),
  route('DELETE', '/organization/projects/{id}/api_keys/{id}', 'admin', deleteProjectKey),
  route('GET', '/models', 'project', listModels, 'api.model.read'),
  route('POST', '/chat/completions', 'project', createCompletion, 'api.model.request'),
];

/** A route with the ids of its path. */
export interface Match {
  readonly route: Route;
  readonly ids: Call['ids'];
}

/** The route for a request; 404 and 405 as OpenAI answers them. */
export function matchRoute(method: string, pathname: string): Match {
  const segments = pathname.split('/').slice(1);
  if (segments[0] !== 'v1') throw unknownUrl();
  const fitting = ROUTES.flatMap((each) => {
    const ids = idsIn(each.segments, segments.slice(1));
    return ids ? [{ route: each, ids }] : [];
  });
  const found = fitting.find((each) => each.route.method === method);
  if (found) return found;
  throw unknownUrl();
}

// The path is not quoted: a client could have put a key there.
const unknownUrl = (): Error => notFound('Invalid URL, or not a method of it.', 'unknown_url');

function idsIn(template: readonly string[], segments: readonly string[]): Call['ids'] | undefined {
  if (template.length !== segments.length) return undefined;
  const ids: string[] = [];
  for (const [at, expected] of template.entries()) {
    const found = segments[at] ?? '';
    if (expected !== '{id}') {
      if (found !== expected) return undefined;
    } else if (/^[A-Za-z0-9_-]{1,128}$/.test(found)) ids.push(found);
    else return undefined;
  }
  const [first = '', second = ''] = ids;
  return [first, second];
}
