import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provision } from '../../../embedded/postgres/provision.ts';
import { startOpenaiDouble, type RunningDouble } from '../../../embedded/openai-double/openai-double.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { loginValueText, readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { selfSigned } from '../../outbound/self-signed.ts';
import { AUTHORITY, postgresBed, type PostgresBed } from '../../targets/postgres/bed.ts';
import { LEASE_ROLES, THROW_AWAY_PLACE } from './bed-workspace.ts';

export const DATABASE_HOST = 'rag-db.beds.example';
/** In a network of one's own: the egress proxy lets nobody through to an address that is neither public nor declared private. */
export const OPENAI_HOST = 'openai.private.beds.example';
export const OPENAI_PROJECT = 'proj_beds';
/** The id of the admin key that leases are made by at first. */
export const LEASE_ADMIN_KEY = 'key_bedleases';

/** What is rotated: a real PostgreSQL that speaks TLS under a name, and the double of OpenAI. */
export interface BedTargets {
  readonly database: { readonly port: number; readonly ca: string; readonly bed: PostgresBed };
  readonly openai: RunningDouble;
  /** The admin key that leases are made by, as a person has it. */
  readonly leaseAdminKey: Secret;
  /** First values of the authorities, as a person has them. */
  readonly firstValues: Readonly<Record<'rag-db-admin' | 'openai-admin', Secret>>;
  close(): Promise<void>;
}

/** Starts them. */
export async function openTargets(): Promise<BedTargets> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bed-targets-'));
  const bed = await postgresBed();
  await provisionThrowAway(bed);
  // What there is before anybody prepares the server for leases: `lockstep supply --prepare` prints the rest.
  for (const role of Object.values(LEASE_ROLES)) await bed.sql(`CREATE ROLE ${role} NOLOGIN`);
  const ca = await serveTls(bed);
  const [adminKey, leaseAdminKey] = [anAdminKey(), anAdminKey()];
  const openai = await startOpenaiDouble({
    folder: join(folder, 'openai'),
    seed: {
      projects: [OPENAI_PROJECT],
      adminKeys: [
        { id: 'key_bedadmin', value: adminKey },
        { id: LEASE_ADMIN_KEY, value: leaseAdminKey },
      ],
    },
  });
  const { password } = readLoginValue(bed.authority.current);
  const login = {
    host: DATABASE_HOST,
    port: bed.server.port,
    dbname: 'postgres',
    username: 'rag_db_admin',
    password,
  };
  return {
    database: { port: bed.server.port, ca, bed },
    openai,
    leaseAdminKey: new Secret(leaseAdminKey),
    firstValues: {
      'rag-db-admin': loginValueText(login),
      'openai-admin': new Secret(JSON.stringify({ adminKey, keyId: 'key_bedadmin' })),
    },
    close: async () => {
      await openai.stop();
      await bed.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const anAdminKey = (): string => `sk-admin-fake-${randomBytes(24).toString('hex')}`;

/** The database and the logins of the throw-away credential, beside those that every bed has. */
async function provisionThrowAway(bed: PostgresBed): Promise<void> {
  const { database, ownerRole, slots } = THROW_AWAY_PLACE;
  const { password } = readLoginValue(bed.authority.current);
  await provision(bed.server, {
    authority: { role: AUTHORITY, firstPassword: password },
    databases: [{ database, ownerRole, slots: [slots[0], slots[1]] }],
  });
}

/** Gives the server a certificate for its name, and has it ask for TLS where the name is used. */
async function serveTls(bed: PostgresBed): Promise<string> {
  const { cert, key } = selfSigned(DATABASE_HOST);
  const { data } = bed.server.files;
  const { uid, gid } = statSync(data);
  mkdirSync(data, { recursive: true });
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
  ] as const) {
    const path = join(data, name);
    writeFileSync(path, text, { mode: 0o600 });
    chmodSync(path, 0o600);
    if (process.getuid?.() === 0) chownSync(path, uid, gid);
  }
  await bed.sql('ALTER SYSTEM SET ssl = on');
  await bed.sql('SELECT pg_reload_conf()');
  return cert;
}
