import { randomBytes } from 'node:crypto';
import { Client, DatabaseError } from 'pg';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import { SALT_BYTES, scramVerifier } from '../../lambdas/postgres/scram-verifier.ts';
import { BOOTSTRAP_ROLE, readBootstrapSecret } from './bootstrap-secret.ts';
import { provisioningSteps, type ProvisionedDatabase, type ProvisioningStep } from './provisioning-steps.ts';
import type { RunningServer } from './start-server.ts';

/** What a workspace needs of its server. */
export interface Provision {
  readonly authority: {
    readonly role: string;
    /**
     * Its first password: set when the role is made and never again, so put it into the vault before. A
     * second run, after any number of rotations, leaves the password alone.
     */
    readonly firstPassword: Secret;
  };
  readonly databases: readonly ProvisionedDatabase[];
}

/**
 * Makes roles and databases as an administrator on RDS would have: an authority that is no superuser, owner
 * roles, two slots each. May run again at any time: what exists is left as it is, down to whether a slot may
 * log in; only missing roles, rights and databases are added.
 */
export async function provision(server: RunningServer, wanted: Provision): Promise<void> {
  const { authority, databases } = wanted;
  const { role, firstPassword } = authority;
  const verifier = await scramVerifier(firstPassword, randomBytes(SALT_BYTES));
  await administer(server, provisioningSteps({ authority: { role, verifier }, databases }));
}

/** Takes steps as the administrator of a server. Throws `SERVER_FAILED`; what was done until then stays done. */
export async function administer(server: RunningServer, steps: readonly ProvisioningStep[]): Promise<void> {
  const password = (await readBootstrapSecret(server.files)).reveal();
  const { host, port } = server;
  const login = { host, port, user: BOOTSTRAP_ROLE, password, database: 'postgres', ssl: false };
  const client = new Client({
    ...login,
    application_name: 'lockstep-provision',
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks between two statements fails the next one; without a listener it ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    for (const step of steps) await take(client, step);
  } catch (error) {
    if (error instanceof LockstepError) throw error;
    throw new LockstepError(
      'SERVER_FAILED',
      `the embedded PostgreSQL could not be provisioned (${stateOf(error)}); see ${server.files.log}`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes what is missing. Another process may have made it between the question and the command. */
async function take(client: Client, { exists, make }: ProvisioningStep): Promise<void> {
  if (exists) {
    const { rowCount } = await client.query(exists.text, [...exists.values]);
    if (rowCount) return;
  }
  try {
    await client.query(make);
  } catch (error) {
    if (!exists || !['42710', '42P04', '23505'].includes(stateOf(error))) throw error;
  }
}

const stateOf = (error: unknown): string =>
  error instanceof DatabaseError ? (error.code ?? '') : 'no answer';
