import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { AccessReplies, IssuedLease } from '../../../client/access/access-connection.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import type { PrincipalName } from './bed-principals.ts';
import type { DeployedStage } from './open-stage.ts';
import { until } from './stories/rotation-of.ts';

/** Leases a login of the database, as a workload; its value is searched for with all others in the end. */
export async function takeLogin(
  stage: DeployedStage,
  holder: PrincipalName,
  ttlSeconds: number,
): Promise<IssuedLease> {
  const reply = await until(
    `${holder} has a lease`,
    // A request whose answer was lost is asked under a new id.
    () =>
      stage.brokerOf(holder).ask('lease', { leasable: 'vector-reader', requestId: randomUUID(), ttlSeconds }),
    ({ status }) => status === 'issued',
  );
  return handedOver(stage, reply);
}

/** A lease that was handed over, its value searched for with all others. Throws where people have to agree first. */
export function handedOver({ canaries }: DeployedStage, reply: AccessReplies['lease']): IssuedLease {
  if (reply.status !== 'issued') throw new Error('people have to agree before it is handed over');
  canaries.keep(reply.value.reveal());
  return reply;
}

/** The approval that is needed. Throws where a lease was handed over. */
export function approvalOf(reply: AccessReplies['lease']): string {
  if (reply.status === 'approval-needed') return reply.approval;
  throw new Error('nobody has agreed, and it was handed over');
}

/** A session as the holder of a login has it, by TLS. The caller ends it; one that the server ends is no error. */
export async function sessionOf({ targets }: DeployedStage, value: Secret): Promise<Client> {
  const { host, port, dbname, username, password } = readLoginValue(value);
  const client = new Client({
    host,
    port,
    database: dbname,
    user: username,
    password: password.reveal(),
    ssl: { ca: targets.database.ca },
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Whether a session still answers. */
export const answers = (session: Client): Promise<boolean> =>
  session.query('SELECT 1').then(
    () => true,
    () => false,
  );

/** Whether a session has the rights of the database's owner. */
export async function hasOwnersRights(session: Client): Promise<boolean> {
  const { rows } = await session.query<{ readonly has: boolean }>(
    "SELECT pg_has_role('rag_owner', 'USAGE') AS has",
  );
  return rows[0]?.has === true;
}

/** What the server says to a new session. Throws for what is no answer to a login. */
export async function tryLogin(stage: DeployedStage, value: Secret): Promise<'works' | 'refused'> {
  try {
    await (await sessionOf(stage, value)).end();
    return 'works';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '28P01' || code === '28000') return 'refused';
    throw error;
  }
}

/** When the server itself lets nobody in any more by the role of a lease; `undefined` where it has no such role. */
export async function validUntil({ targets }: DeployedStage, value: Secret): Promise<Date | undefined> {
  const [role] = await targets.database.bed.sql<{ until: Date }>(
    'SELECT rolvaliduntil AS until FROM pg_roles WHERE rolname = $1',
    [readLoginValue(value).username],
  );
  return role?.until;
}
