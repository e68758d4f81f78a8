import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { codeOf } from '../../ports/under-test.ts';
import { OWNER, SLOTS } from '../postgres/bed.ts';
import { LEASE_AUTHORITY as LA, postgresLeaseBed, READER, type PostgresLeaseBed } from './lease-bed.ts';

let bed: PostgresLeaseBed;
beforeAll(async () => {
  bed = await postgresLeaseBed();
  await bed.bed.sql('CREATE ROLE stranger NOLOGIN');
}, 120_000);
afterAll(() => bed.stop());

const MENDED = [
  `ALTER ROLE ${LA} NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS`,
  `ALTER ROLE ${OWNER} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOLOGIN`,
  ...[OWNER, READER].map((role) => `GRANT ${role} TO ${LA} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`),
  ...[...SLOTS, 'stranger', 'pg_signal_backend', 'pg_read_all_data'].map(
    (role) => `REVOKE ${role} FROM ${LA}`,
  ),
  ...[SLOTS[0], 'stranger', 'pg_write_server_files', 'pg_read_all_data'].map(
    (role) => `REVOKE ${role} FROM ${OWNER}`,
  ),
];
afterEach(async () => {
  for (const statement of MENDED) await bed.bed.sql(statement);
});

async function refusal(): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await bed.leaser().proveAuthority(bed.declared, bed.theValue());
  } catch (error) {
    if (error instanceof LockstepError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

/** The SQL at the end of a message, as an administrator would copy it. */
const statementsOf = (message: string): string => message.slice(message.indexOf('run: ') + 5);

describe('an authority that an administrator has made as he was told', () => {
  it('is proved, and is proved again with leases there', async () => {
    expect(await refusal()).toMatchObject({ code: 'none' });
    await bed.issue(newLeaseId());
    await bed.leaser().end(bed.request(newLeaseId(), 1));
    expect(await refusal()).toMatchObject({ code: 'none' });
  });

  it('cannot change a slot, nor its owner role, nor whoever rotates them', async () => {
    const { password } = JSON.parse(bed.theValue().reveal()) as { readonly password: string };
    const client = await bed.login(LA, password);
    const attempts = [
      `ALTER ROLE ${SLOTS[0]} PASSWORD 'x'`,
      `ALTER ROLE ${SLOTS[0]} NOLOGIN`,
      `DROP ROLE ${SLOTS[1]}`,
      `GRANT ${SLOTS[0]} TO ${LA}`,
      `ALTER ROLE rag_db_admin PASSWORD 'x'`,
      `COMMENT ON ROLE ${SLOTS[0]} IS ''`,
      `CREATE ROLE root SUPERUSER`,
      `CREATE ROLE reader_of_files IN ROLE pg_read_server_files`,
      `SET ROLE ${OWNER}`,
    ];
    for (const attempt of attempts)
      await expect(client.query(attempt)).rejects.toMatchObject({ code: '42501' });
    await client.end();
  });
});

describe('an authority that lacks a right', () => {
  it.each([
    ['CREATEROLE', `ALTER ROLE ${LA} NOCREATEROLE`],
    [`ADMIN OPTION on ${OWNER}`, `REVOKE ${OWNER} FROM ${LA} CASCADE`],
    [`ADMIN OPTION on ${OWNER}`, `REVOKE ADMIN OPTION FOR ${OWNER} FROM ${LA} CASCADE`],
  ])(
    '%s: says so when it is proved and when it issues, makes nothing, and the SQL that it prints mends it',
    async (right, taken) => {
      await bed.bed.sql(taken);
      const id = newLeaseId();
      const found = await refusal();
      expect(found).toMatchObject({ code: 'TARGET_LACKS_GRANT' });
      expect(found.message).toContain(`role ${LA} lacks ${right} to make leases`);
      expect(await codeOf(bed.issue(id))).toBe('TARGET_LACKS_GRANT');
      await expect(bed.issue(id)).rejects.toThrow(right);
      expect(await bed.roles()).not.toContain(`lockstep_l_${id}`);
      await bed.bed.sql(statementsOf(found.message));
      expect(await refusal()).toMatchObject({ code: 'none' });
      expect(await bed.tries((await bed.issue(id)).value)).toBe('works');
    },
  );
});

describe('an authority that has more than it needs', () => {
  it.each([
    ['SUPERUSER', `ALTER ROLE ${LA} SUPERUSER`],
    ['BYPASSRLS', `ALTER ROLE ${LA} BYPASSRLS`],
    ['REPLICATION', `ALTER ROLE ${LA} REPLICATION`],
    ['CREATEDB', `ALTER ROLE ${LA} CREATEDB`],
    [`membership in ${SLOTS[0]}`, `GRANT ${SLOTS[0]} TO ${LA}`],
    [`membership in ${SLOTS[1]}`, `GRANT ${SLOTS[1]} TO ${LA} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`],
    ['membership in pg_signal_backend', `GRANT pg_signal_backend TO ${LA}`],
    ['membership in stranger', `GRANT stranger TO ${LA}`],
  ])('%s: is refused by name, and the SQL that it prints mends it', async (right, given) => {
    await bed.bed.sql(given);
    const found = await refusal();
    expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
    expect(found.message).toContain(right);
    await bed.bed.sql(statementsOf(found.message));
    expect(await refusal()).toMatchObject({ code: 'none' });
  });

  it.each([
    [`${OWNER} is a superuser`, `ALTER ROLE ${OWNER} SUPERUSER`],
    [`${OWNER} has CREATEROLE`, `ALTER ROLE ${OWNER} CREATEROLE`],
    [`${OWNER} has BYPASSRLS`, `ALTER ROLE ${OWNER} BYPASSRLS`],
    [`${OWNER} can log in`, `ALTER ROLE ${OWNER} LOGIN`],
    [`${SLOTS[0]} can log in`, `REVOKE ${OWNER} FROM ${SLOTS[0]}; GRANT ${SLOTS[0]} TO ${OWNER}`],
    ['pg_write_server_files reaches', `GRANT pg_write_server_files TO ${OWNER}`],
    ['ADMIN OPTION on stranger', `GRANT stranger TO ${OWNER} WITH ADMIN OPTION`],
  ])('by what it may hand out (%s): is refused by name', async (right, given) => {
    await bed.bed.sql(given);
    const found = await refusal();
    expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
    expect(found.message).toContain(right);
  });
});

describe('the value of an authority', () => {
  it.each([
    ['of another role', { username: 'rag_db_admin' }],
    ['of another port', { port: 1 }],
  ])('%s is not taken', async (_, change) => {
    const value = bed.bed.rewritten(bed.theValue(), change);
    expect(() => bed.leaser().checkAuthority(bed.declared, value)).toThrow(
      expect.objectContaining({ code: 'VALUE_MALFORMED' }) as Error,
    );
  });
});
