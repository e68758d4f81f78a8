import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { InventoryReport } from '../../lambdas/report/compare-inventory.ts';
import { secretName, type Credential } from '../../lambdas/core/credential.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { tokenFor } from '../../lambdas/request-rotation/admit-rotation.ts';
import { realSleep } from '../loop/sleep.ts';
import type { RunningServer } from '../postgres/start-server.ts';
import { LOCAL_OPERATOR } from '../world/authorise.ts';
import type { World } from '../world/open-world.ts';
import { firstAdminKey, firstSecret } from './workspace-database.ts';

/**
 * Adopts every credential that is not, authorities first: a person's value where only a person can have one, and
 * for all others a value made at the target. What was adopted before is left alone.
 */
export async function adoptWorkspace(world: World, server: RunningServer): Promise<void> {
  const { credentials } = world.inventory;
  const authorities = credentials.filter(
    ({ authority, kind }) => authority === undefined && kind.endsWith('-authority'),
  );
  for (const authority of authorities) {
    await putPersonsValue(world, server, authority);
    await adopt(world, authority.name, 'stored');
  }
  for (const { name } of credentials.filter((each) => !authorities.includes(each)))
    await adopt(world, name, 'issue');
}

/**
 * Refuses a world whose vault has lost what was adopted: its file was taken away, or another one put in its place.
 * Dependents still hold the last values, and nothing here could make those again. Throws `VAULT_DAMAGED`.
 */
export async function demandValues({ pipeline, inventory }: World): Promise<void> {
  const { credentials } = (await pipeline.report({ query: 'inventory' })) as InventoryReport;
  const lost = credentials.filter(({ adopted, hasValue }) => adopted && !hasValue).map(({ name }) => name);
  if (lost.length === 0) return;
  throw new LockstepError(
    'VAULT_DAMAGED',
    `the vault of ${inventory.environment} holds no value of ${lost.join(', ')}, which the ledger has as adopted: it is not the file that it was. ` +
      'Put back the whole .lockstep folder from a backup; where there is none, begin anew: remove .lockstep and .lockstep-keys together',
  );
}

async function adopt(world: World, credential: string, value: 'stored' | 'issue'): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  for (;;) {
    try {
      await world.pipeline.operate({ name: 'npm start' }, { order: 'adopt', credential, value });
      return;
    } catch (error) {
      // A start that died half way may have left a lock; it runs out by itself.
      if (!isLockstepError(error, 'LOCK_HELD') || performance.now() > giveUpAt) throw error;
      await realSleep(1000);
    }
  }
}

/** Puts the value under the operator's own right, as `lockstep adopt` does for a person. Once. */
async function putPersonsValue(world: World, server: RunningServer, credential: Credential): Promise<void> {
  const state = await world.ledger.read('credential', credential.name, 'state');
  if (state?.body.adoptedAt) return;
  const token = tokenFor({ credential: credential.name, requestId: "a person's first value" });
  const value = await personsValue(server, credential);
  await world.vault
    .vaultFor(LOCAL_OPERATOR)
    .putFirst(secretName(world.inventory.environment, credential.name), token, value);
}

async function personsValue(server: RunningServer, { name, kind, target }: Credential): Promise<Secret> {
  if (kind === 'openai-authority') {
    const { id, value } = await firstAdminKey(server, name);
    return new Secret(JSON.stringify({ adminKey: value, keyId: id }));
  }
  const password = (await firstSecret(server, name, 40)).reveal();
  const login = {
    engine: 'postgres',
    host: server.host,
    port: server.port,
    dbname: target['database'],
    username: target['role'],
    password,
  };
  return new Secret(JSON.stringify(login));
}
