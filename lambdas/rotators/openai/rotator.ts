import { fit, record, text } from '../../contracts/check.ts';
import type { Credential } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { HeldVersion, Rotator, RotatorRequest, Usage } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import type { Secret } from '../../core/secret.ts';
import { instant } from '../../core/time.ts';
import { instantOf, type ProjectKey } from '../../openai/answers.ts';
import { openaiCapabilities } from './capabilities.ts';
import { openaiClient, type OpenaiClient } from '../../openai/client.ts';
import { endServiceAccount } from './end-service-account.ts';
import { keyName, namePrefix, tokenIn } from './key-name.ts';
import type { OpenaiTarget } from './kind.ts';
import {
  createServiceAccount,
  listProjectKeys,
  listServiceAccounts,
  readServiceAccount,
  type Access,
} from '../../openai/organization.ts';
import { notSupported, stillThere, type OpenaiPorts } from './rotator-ports.ts';
import { settle } from '../../openai/settle.ts';
import { proveAccepted, seekRefusal, type Trial } from '../../openai/try-key.ts';
import { projectKeyText, readAdminKeyValue, readProjectKey } from '../../openai/value.ts';

const target = ({ name, target: fields }: Credential): OpenaiTarget =>
  fit(
    record<OpenaiTarget>({ apiUrl: text, project: text }),
    fields,
    'INVENTORY_INVALID',
    `the target of ${name}`,
  );

/** Runs `use` on the project, as the authority. */
const asAuthority = <T>(
  client: OpenaiClient,
  request: RotatorRequest,
  use: (access: Access, project: string) => Promise<T>,
): Promise<T> => {
  const { apiUrl, project } = target(request.credential);
  return request.withAuthority((authority) => {
    const bearer = readAdminKeyValue(authority).adminKey;
    return use({ client, apiUrl, bearer, subject: request.credential.name }, project);
  });
};

/**
 * Keys of a project at OpenAI. Each is the only key of a service account of its own, which is named after the
 * token that it was made for: deleting the account ends the key, and a mint whose answer was lost is found by name.
 *
 * The provider has no fence and no idempotency key. Two mints for one token are possible, and harmless: the
 * vault keeps the value of one, the use case reaps the other.
 */
export function openaiRotator(ports: OpenaiPorts): Rotator {
  const client = openaiClient(ports);
  const revoke = (request: RotatorRequest, { key }: VersionRef): Promise<void> =>
    asAuthority(client, request, (access, project) => end(ports, access, project, key, namePrefix(request)));
  const trial = ({ credential }: RotatorRequest, { value }: HeldVersion): Trial => ({
    client,
    sleep: ports.sleep,
    apiUrl: target(credential).apiUrl,
    path: ['models'],
    key: readProjectKey(value).apiKey,
    subject: credential.name,
    settlingSeconds: openaiCapabilities.settlingSeconds,
  });
  return {
    capabilities: openaiCapabilities,
    keyOf: (value) => readProjectKey(value).serviceAccountId,
    checkFirst: assertOfProject,
    issue: async (request) => issue(client, request),
    install: async ({ credential }, successor, current) => assertOwnKey(credential, successor, current),
    verify: async (request, version) => proveAccepted(trial(request, version), version.version),
    observe: async (request, versions) =>
      asAuthority(client, request, async (access, project) => {
        const keys = await listProjectKeys(access, project);
        return {
          at: instant(ports.clock()),
          successor: usageOf(keys, versions.successor),
          predecessor: usageOf(keys, versions.predecessor),
          byDependent: {},
          strangersOnPredecessor: 0,
        };
      }),
    disable: ({ credential }) => Promise.reject(notSupported(credential.name, 'disabled')),
    enable: ({ credential }) => Promise.reject(notSupported(credential.name, 'enabled')),
    revoke: async (request, version) => revoke(request, version),
    stopNow: async (request, version) => revoke(request, version),
    proveRefused: async (request, version) => seekRefusal(trial(request, version)),
    listOurs: async (request) =>
      asAuthority(client, request, async (access, project) => {
        const prefix = namePrefix(request);
        const accounts = await listServiceAccounts(access, project);
        return accounts
          .filter(({ name }) => name.startsWith(prefix))
          .map(({ id, name, created_at }) => {
            const token = tokenIn(name, prefix);
            const createdAt = instantOf(created_at);
            return { key: id, createdAt, ...(token === undefined ? {} : { token }) };
          });
      }),
  };
}

async function issue(
  client: OpenaiClient,
  request: RotatorRequest,
): Promise<{ readonly key: string; readonly value: Secret }> {
  const name = keyName(request);
  return asAuthority(client, request, async (access, project) => {
    const { id, created_at, api_key } = await createServiceAccount(access, project, name);
    const value = projectKeyText({
      apiKey: api_key.value,
      keyId: api_key.id,
      serviceAccountId: id,
      project,
      mintedAt: instantOf(created_at),
    });
    return { key: id, value };
  });
}

function assertOfProject(credential: Credential, value: Secret): void {
  const { project } = target(credential);
  if (readProjectKey(value).project === project) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `the value of ${credential.name} names another project than the inventory, which says ${project}; put a key of that project`,
  );
}

/**
 * Minting has installed it. What is left is the confused deputy: a value that names the account of the current
 * version would have us delete the successor together with the predecessor.
 */
function assertOwnKey(credential: Credential, successor: HeldVersion, current: VersionRef | undefined): void {
  assertOfProject(credential, successor.value);
  const { serviceAccountId } = readProjectKey(successor.value);
  if (serviceAccountId === successor.key && serviceAccountId !== current?.key) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `version ${successor.version} of ${credential.name} does not have a service account of its own; abandon it and rotate again`,
  );
}

/** Deletes, and waits until the provider itself no longer knows the account. */
async function end(
  { sleep }: OpenaiPorts,
  access: Access,
  project: string,
  id: string,
  prefix: string,
): Promise<void> {
  await endServiceAccount(access, project, id, prefix);
  const isGone = await settle(
    sleep,
    openaiCapabilities.settlingSeconds,
    async () => !(await readServiceAccount(access, project, id))?.name.startsWith(prefix),
    (gone) => gone,
  );
  if (!isGone) throw stillThere(access.subject, id);
}

/** Calls leave no session. A key without a time of last use, or without a trace, is unknown, not unused. */
function usageOf(keys: readonly ProjectKey[], { key }: VersionRef): Usage {
  const times = keys
    .filter(({ owner }) => owner.service_account?.id === key)
    .flatMap(({ last_used_at }) => (last_used_at === null ? [] : [last_used_at]));
  return {
    sessions: 'unknown',
    ...(times.length === 0 ? {} : { lastUsedAt: instantOf(Math.max(...times)) }),
  };
}
