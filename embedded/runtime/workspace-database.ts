import { createHmac } from 'node:crypto';
import { Secret } from '../../lambdas/core/secret.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { attendServer, type AttendedServer } from '../postgres/attend-server.ts';
import { readBootstrapSecret } from '../postgres/bootstrap-secret.ts';
import { provision } from '../postgres/provision.ts';
import type { ProvisionedDatabase } from '../postgres/provisioning-steps.ts';
import { livingKeeper } from '../postgres/keeper-record.ts';
import { findServer } from '../postgres/postmaster-file.ts';
import { serverFiles } from '../postgres/server-files.ts';
import type { RunningServer } from '../postgres/start-server.ts';
import { stopServer } from '../postgres/stop-server.ts';
import { endProcess } from './launch.ts';

/**
 * Starts the workspace's PostgreSQL, or takes over the one that an earlier runtime left, and sees to it that it runs.
 * Everything that is said to the server is in its log, so that "no value in it" is a claim one can check.
 */
export const startDatabase = (
  folder: string,
  idleLimitSeconds: number,
  onError: (error: unknown) => void,
): Promise<AttendedServer> =>
  attendServer({
    folder,
    onError,
    beatEverySeconds: 1,
    patience: { idleLimitSeconds, checkEverySeconds: Math.min(5, idleLimitSeconds / 4) },
    settings: { log_statement: 'all', max_connections: '60' },
  });

/**
 * A first value "by a person": the same whenever it is asked for, so that a start that died half way goes on with
 * what it began. Its first rotation, seconds later, replaces it.
 */
export async function firstSecret(server: RunningServer, purpose: string, length: number): Promise<Secret> {
  const bootstrap = await readBootstrapSecret(server.files);
  const digest = createHmac('sha256', bootstrap.reveal())
    .update(`lockstep first value\n${purpose}`)
    .digest('hex');
  return new Secret(digest.repeat(Math.ceil(length / digest.length)).slice(0, length));
}

/** The admin key that stands for the one a person makes in the provider's console. */
export async function firstAdminKey(
  server: RunningServer,
  credential: string,
): Promise<{ readonly id: string; readonly value: string }> {
  const digits = (await firstSecret(server, credential, 40)).reveal();
  return { id: `key_first_${digits.slice(0, 8)}`, value: `sk-admin-${digits}` };
}

/** Makes what the inventory's PostgreSQL credentials stand on: the authority's role, databases, owners and slots. */
export async function provisionDatabases(server: RunningServer, inventory: Inventory): Promise<void> {
  for (const { name, kind, target } of inventory.credentials) {
    if (kind !== 'postgres-authority') continue;
    const firstPassword = await firstSecret(server, name, 40);
    await provision(server, {
      authority: { role: String(target['role']), firstPassword },
      databases: inventory.credentials
        .filter(({ kind: each, authority }) => each === 'postgres' && authority === name)
        .map(databaseOf),
    });
  }
}

function databaseOf({ target }: Inventory['credentials'][number]): ProvisionedDatabase {
  const slots = target['slots'] as readonly [string, string];
  return { database: String(target['database']), ownerRole: String(target['ownerRole']), slots };
}

/** Whether a server runs for a folder. */
export const isDatabaseRunning = async (folder: string): Promise<boolean> =>
  (await findServer(serverFiles(folder))) !== undefined;

/** Stops it, its keeper first: nobody is to start it again. */
export async function stopDatabase(folder: string): Promise<void> {
  await endProcess(await livingKeeper(serverFiles(folder)));
  await stopServer(folder);
}
