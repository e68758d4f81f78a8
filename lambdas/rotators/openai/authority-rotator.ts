import { fit, record, text } from '../../contracts/check.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { HeldVersion, Rotator, RotatorRequest, Usage } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { instant } from '../../core/time.ts';
import { instantOf, type AdminKey } from '../../openai/answers.ts';
import { openaiAuthorityCapabilities } from './capabilities.ts';
import { openaiClient, type OpenaiClient } from '../../openai/client.ts';
import { keyName, namePrefix, tokenIn } from './key-name.ts';
import type { OpenaiAuthorityTarget } from './kind.ts';
import {
  createAdminKey,
  deleteAdminKey,
  listAdminKeys,
  readAdminKey,
  type Access,
} from '../../openai/organization.ts';
import { notSupported, stillThere, type OpenaiPorts } from './rotator-ports.ts';
import { settle } from '../../openai/settle.ts';
import { proveAccepted, seekRefusal, type Trial } from '../../openai/try-key.ts';
import { adminKeyText, readAdminKeyValue } from '../../openai/value.ts';

const apiUrlOf = ({ name, target }: Credential): string =>
  fit(record<OpenaiAuthorityTarget>({ apiUrl: text }), target, 'INVENTORY_INVALID', `the target of ${name}`)
    .apiUrl;

/** Runs `use` on the organization, with a key of its own and that key's id. */
const asItself = <T>(
  client: OpenaiClient,
  request: RotatorRequest,
  use: (access: Access, keyId: string) => Promise<T>,
): Promise<T> => {
  const apiUrl = apiUrlOf(request.credential);
  return request.withAuthority((own) => {
    const { adminKey, keyId } = readAdminKeyValue(own);
    return use({ client, apiUrl, bearer: adminKey, subject: request.credential.name }, keyId);
  });
};

/**
 * The admin key of an organization at OpenAI: each mints its own successor and, once that one is current, is
 * deleted with it. The first one can only come from a person; so can the next one after a key that no longer works.
 */
export function openaiAuthorityRotator(ports: OpenaiPorts): Rotator {
  const client = openaiClient(ports);
  const { settlingSeconds } = openaiAuthorityCapabilities;
  const revoke = (request: RotatorRequest, { key }: VersionRef): Promise<void> =>
    asItself(client, request, async (access, ownId) => {
      assertNotItself(request.credential.name, key, ownId);
      await deleteAdminKey(access, key);
      const left = await settle(
        ports.sleep,
        settlingSeconds,
        () => readAdminKey(access, key),
        (found) => found === undefined,
      );
      if (left) throw stillThere(request.credential.name, key);
    });
  const trial = ({ credential }: RotatorRequest, { value }: HeldVersion): Trial => ({
    client,
    sleep: ports.sleep,
    apiUrl: apiUrlOf(credential),
    path: ['organization', 'admin_api_keys'],
    query: { limit: '1' },
    key: readAdminKeyValue(value).adminKey,
    subject: credential.name,
    settlingSeconds,
  });
  return {
    capabilities: openaiAuthorityCapabilities,
    keyOf: (value) => readAdminKeyValue(value).keyId,
    checkFirst: (_credential, value) => void readAdminKeyValue(value),
    issue: async (request, current) => issue(client, request, current),
    install: async ({ credential }, successor, current) =>
      assertAnotherKey(credential.name, successor, current),
    verify: async (request, version) => proveAccepted(trial(request, version), version.version),
    observe: async (request, { successor, predecessor }) =>
      asItself(client, request, async (access) => ({
        at: instant(ports.clock()),
        successor: usageOf(await readAdminKey(access, successor.key)),
        predecessor: usageOf(await readAdminKey(access, predecessor.key)),
        byDependent: {},
        strangersOnPredecessor: 0,
      })),
    disable: ({ credential }) => Promise.reject(notSupported(credential.name, 'disabled')),
    enable: ({ credential }) => Promise.reject(notSupported(credential.name, 'enabled')),
    revoke: async (request, version) => revoke(request, version),
    stopNow: async (request, version) => revoke(request, version),
    proveRefused: async (request, version) => seekRefusal(trial(request, version)),
    listOurs: async (request) =>
      asItself(client, request, async (access) => {
        const prefix = namePrefix(request);
        return (await listAdminKeys(access))
          .filter(({ name }) => name?.startsWith(prefix) === true)
          .map(({ id, name, created_at }) => {
            const token = tokenIn(name ?? '', prefix);
            return { key: id, createdAt: instantOf(created_at), ...(token === undefined ? {} : { token }) };
          });
      }),
  };
}

async function issue(
  client: OpenaiClient,
  request: RotatorRequest,
  current: HeldVersion | undefined,
): ReturnType<Rotator['issue']> {
  const { credential } = request;
  if (!current) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `the first key of ${credential.name} can only come from a person, who makes it in the provider's console; run: lockstep adopt ${credential.name}`,
    );
  }
  return asItself(client, request, async (access) => {
    const { id, value } = await createAdminKey(access, keyName(request));
    return { key: id, value: adminKeyText({ adminKey: value, keyId: id }) };
  });
}

/** Minting has installed it. A value that names the current key would have us delete the only one there is. */
function assertAnotherKey(name: string, successor: HeldVersion, current: VersionRef | undefined): void {
  const { keyId } = readAdminKeyValue(successor.value);
  if (keyId === successor.key && keyId !== current?.key) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `version ${successor.version} of ${name} is not a key of its own; abandon it and rotate again`,
  );
}

/** The key that deletes must outlive the deletion: without it nothing here could be rotated any more. */
function assertNotItself(name: string, key: string, own: string): void {
  if (key !== own) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `key ${key} of ${name} is the one that this was asked with; it cannot end itself, rotate ${name} first`,
  );
}

const usageOf = (key: AdminKey | undefined): Usage => ({
  sessions: 'unknown',
  ...(key?.last_used_at === undefined || key.last_used_at === null
    ? {}
    : { lastUsedAt: instantOf(key.last_used_at) }),
});
