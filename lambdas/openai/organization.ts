import type { Check } from '../contracts/check.ts';
import { LockstepError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import {
  adminKey,
  mintedAdminKey,
  mintedServiceAccount,
  missing,
  pageOf,
  projectKey,
  readAnswer,
  serviceAccount,
  type AdminKey,
  type MintedAdminKey,
  type MintedServiceAccount,
  type ProjectKey,
  type ServiceAccount,
} from './answers.ts';
import type { OpenaiCall, OpenaiClient } from './client.ts';

/** Who asks, and where. */
export interface Access {
  readonly client: OpenaiClient;
  readonly apiUrl: string;
  readonly bearer: Secret;
  /** The credential that an error is about. */
  readonly subject: string;
}

type Path = readonly string[];

const PAGE_SIZE = 100;
/** A list that is longer does not end: a hundred thousand keys in one project are not ours to walk. */
const PAGES_AT_MOST = 1000;

const ask = (
  { client, ...access }: Access,
  method: OpenaiCall['method'],
  path: Path,
  more: Pick<OpenaiCall, 'body' | 'query'> = {},
): ReturnType<OpenaiClient> => client({ ...access, method, path: ['organization', ...path], ...more });

async function one<T>(access: Access, path: Path, check: Check<T>): Promise<T | undefined> {
  const answer = await ask(access, 'GET', path);
  return answer.found ? readAnswer(check, answer.body, access.subject) : undefined;
}

async function make<T>(
  access: Access,
  path: Path,
  body: NonNullable<OpenaiCall['body']>,
  check: Check<T>,
): Promise<T> {
  const answer = await ask(access, 'POST', path, { body });
  if (!answer.found) throw missing(access.subject, path.join('/'));
  return readAnswer(check, answer.body, access.subject);
}

/** One page. `after` is the id of the last one seen. */
async function pageAfter<T extends { readonly id: string }>(
  access: Access,
  path: Path,
  check: Check<T>,
  after: string | undefined,
  filter: Readonly<Record<string, string>> = {},
): Promise<{ readonly items: readonly T[]; readonly next?: string }> {
  const query = { ...filter, limit: String(PAGE_SIZE), ...(after === undefined ? {} : { after }) };
  const answer = await ask(access, 'GET', path, { query });
  if (!answer.found) throw missing(access.subject, path.join('/'));
  const page = readAnswer(pageOf(check), answer.body, access.subject);
  const last = page.data.at(-1)?.id;
  if (!page.has_more || last === undefined) return { items: page.data };
  if (last === after) throw endless(access, path);
  return { items: page.data, next: last };
}

/** All pages; a list whose page repeats would never end. */
async function all<T extends { readonly id: string }>(
  access: Access,
  path: Path,
  check: Check<T>,
  filter: Readonly<Record<string, string>> = {},
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_AT_MOST; pages += 1) {
    const page = await pageAfter(access, path, check, after, filter);
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = page.next;
  }
  throw endless(access, path);
}

const endless = ({ subject }: Access, path: Path): LockstepError =>
  new LockstepError('TARGET_REFUSED', `the list of ${path.join('/')} at the API of ${subject} does not end`);

const accounts = (project: string): Path => ['projects', project, 'service_accounts'];
const keys = (project: string): Path => ['projects', project, 'api_keys'];

/**
 * Makes a service account with its first key, which the provider ends by itself after `expiresInSeconds`, where that is
 * given. Not idempotent: a lost answer leaves one behind.
 */
export const createServiceAccount = (
  access: Access,
  project: string,
  name: string,
  expiresInSeconds?: number,
): Promise<MintedServiceAccount> =>
  make(
    access,
    accounts(project),
    { name, ...(expiresInSeconds === undefined ? {} : { expires_in_seconds: expiresInSeconds }) },
    mintedServiceAccount,
  );

/** Makes a service account that has neither key nor role. Not idempotent. */
export const createKeylessAccount = (
  access: Access,
  project: string,
  name: string,
): Promise<ServiceAccount> =>
  make(access, accounts(project), { name, create_service_account_only: true }, serviceAccount);

export const readServiceAccount = (
  access: Access,
  project: string,
  id: string,
): Promise<ServiceAccount | undefined> => one(access, [...accounts(project), id], serviceAccount);

export const listServiceAccounts = (access: Access, project: string): Promise<readonly ServiceAccount[]> =>
  all(access, accounts(project), serviceAccount);

/** One page of the service accounts of a project. */
export const pageOfServiceAccounts = (
  access: Access,
  project: string,
  after: string | undefined,
): Promise<{ readonly items: readonly ServiceAccount[]; readonly next?: string }> =>
  pageAfter(access, accounts(project), serviceAccount, after);

/** Ends a service account and every key of it. Gone already: nothing happens. */
export async function deleteServiceAccount(access: Access, project: string, id: string): Promise<void> {
  await ask(access, 'DELETE', [...accounts(project), id]);
}

/** Every key of a project; without the filter some live ones are left out, as the reference says. */
export const listProjectKeys = (access: Access, project: string): Promise<readonly ProjectKey[]> =>
  all(access, keys(project), projectKey, { owner_project_access: 'any' });

export async function deleteProjectKey(access: Access, project: string, id: string): Promise<void> {
  await ask(access, 'DELETE', [...keys(project), id]);
}

/** Narrows what a key may do to these scopes. Again with the same ones: nothing changes. */
export async function narrowProjectKey(
  access: Access,
  project: string,
  id: string,
  scopes: readonly string[],
): Promise<void> {
  const answer = await ask(access, 'POST', [...keys(project), id], { body: { scopes } });
  if (!answer.found) throw missing(access.subject, `key ${id}`);
}

export const createAdminKey = (access: Access, name: string): Promise<MintedAdminKey> =>
  make(access, ['admin_api_keys'], { name }, mintedAdminKey);

export const readAdminKey = (access: Access, id: string): Promise<AdminKey | undefined> =>
  one(access, ['admin_api_keys', id], adminKey);

export const listAdminKeys = (access: Access): Promise<readonly AdminKey[]> =>
  all(access, ['admin_api_keys'], adminKey);

/** Ends an admin key. Gone already: nothing happens. */
export async function deleteAdminKey(access: Access, id: string): Promise<void> {
  await ask(access, 'DELETE', ['admin_api_keys', id]);
}
