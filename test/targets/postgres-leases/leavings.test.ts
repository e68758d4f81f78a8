import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from 'pg';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import { readLoginValue } from '../../../lambdas/postgres/login-value.ts';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { codeOf } from '../../ports/under-test.ts';
import { DATABASE, OWNER } from '../postgres/bed.ts';
import { LEASE_AUTHORITY, postgresLeaseBed, READER, type PostgresLeaseBed } from './lease-bed.ts';

let bed: PostgresLeaseBed;
beforeAll(async () => {
  bed = await postgresLeaseBed({ max_prepared_transactions: '5' });
  await inDatabase(
    `CREATE TABLE secrets (word text); INSERT INTO secrets VALUES ('the owner’s own'); ALTER TABLE secrets OWNER TO ${OWNER};
     CREATE SCHEMA desk AUTHORIZATION ${OWNER}; GRANT CREATE, USAGE ON SCHEMA desk TO ${READER}`,
  );
}, 120_000);
afterAll(() => bed.stop());

/** Runs SQL as the superuser in the database of the leases, or in another one. */
async function inDatabase<R extends object>(text: string, database = DATABASE): Promise<readonly R[]> {
  const client = await bed.superuser(database);
  try {
    return (await client.query<R & Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Leases the reader's rights: it may make things in `desk`, and read nothing of the owner's. */
const asReader = () => bed.leasable({ grants: [{ role: READER, inherit: true, set: false }] });

/** What a holder does with a lease, which is ended then. */
async function lifeOf(
  act: (holder: Client, role: string) => Promise<unknown>,
  leasable = bed.leasable(),
): Promise<string> {
  const id = newLeaseId();
  const { key, value } = await bed.issue(id, { leasable });
  const holder = await bed.holder(value);
  try {
    await act(holder, key);
  } finally {
    await holder.end();
  }
  await bed.leaser().end(bed.request(id, 2, { leasable }));
  expect((await bed.roles()).filter((role) => role.endsWith(id))).toEqual([`lockstep_x_${id}`]);
  return id;
}

const ownerOf = async (name: string, database = DATABASE): Promise<string | undefined> =>
  (
    await inDatabase<{ owner: string }>(
      `SELECT relowner::regrole::text AS owner FROM pg_class WHERE relname = '${name}'`,
      database,
    )
  )[0]?.owner;

describe('what a lease owned', () => {
  it('goes to the owner role, in its schema too, and its rows with it', async () => {
    await lifeOf((holder) =>
      holder.query(`CREATE TABLE notes (n int); INSERT INTO notes VALUES (7);
                    CREATE SCHEMA own; CREATE TABLE own.more (n int); CREATE TYPE own.mood AS ENUM ('calm')`),
    );
    expect([await ownerOf('notes'), await ownerOf('more')]).toEqual([OWNER, OWNER]);
    expect(await inDatabase('SELECT n FROM notes')).toEqual([{ n: 7 }]);
  });

  it('is the owner role’s from the start where the lease acts as it', async () => {
    const leasable = bed.leasable({ actAs: OWNER });
    await lifeOf(async (holder) => {
      await holder.query('CREATE TABLE acted (n int)');
      expect(await ownerOf('acted')).toBe(OWNER);
    }, leasable);
  });

  it('goes there from every database that it was left in', async () => {
    await bed.bed.sql('CREATE DATABASE elsewhere');
    await inDatabase('GRANT CREATE ON SCHEMA public TO PUBLIC', 'elsewhere');
    const id = newLeaseId();
    const { value } = await bed.issue(id);
    const holder = await bed.holder(value, 'elsewhere');
    await holder.query('CREATE TABLE strays (n int)');
    await holder.end();
    await bed.leaser().end(bed.request(id, 2));
    expect(await ownerOf('strays', 'elsewhere')).toBe(OWNER);
  });

  it('stays where the owner role may have nothing: the lease is dead all the same, and an administrator is told what to run', async () => {
    await bed.bed.sql('CREATE DATABASE forbidden');
    await inDatabase(`GRANT CREATE ON SCHEMA public TO ${READER}`, 'forbidden');
    const id = newLeaseId();
    const { key, value } = await bed.issue(id, { leasable: asReader() });
    const holder = await bed.holder(value, 'forbidden');
    await holder.query(`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
    await holder.end();
    const attempt = bed.leaser().end(bed.request(id, 2));
    await expect(attempt).rejects.toBeInstanceOf(LockstepError);
    await expect(attempt).rejects.toThrow(`as an administrator run: DROP OWNED BY "${key}";`);
    expect(await bed.tries(value)).toBe('refused');
    expect(await bed.leaser().isRefused(bed.request(id, 2))).toBe('refused');
    // What the sweeper sees is a debt that is still there.
    expect(await bed.roles()).toContain(key);
    await inDatabase(`DROP OWNED BY "${key}"`, 'forbidden');
    await bed.leaser().end(bed.request(id, 2));
    expect(await bed.roles()).not.toContain(key);
  });
});

describe('a lease leaves no way behind', () => {
  it('to the owner’s rights through a function, a view or a rule of its own', async () => {
    await lifeOf(
      (holder, role) =>
        holder.query(`
          CREATE FUNCTION desk.peep() RETURNS text SECURITY DEFINER LANGUAGE plpgsql
            AS $$ DECLARE found text; BEGIN EXECUTE 'SELECT word FROM public.secrets' INTO found; RETURN found; END $$;
          CREATE FUNCTION desk."odd ""name""(int)"(a int, b text) RETURNS text SECURITY DEFINER LANGUAGE sql AS 'SELECT b';
          CREATE PROCEDURE desk.act() SECURITY DEFINER LANGUAGE sql AS 'SELECT 1';
          CREATE VIEW desk.look AS SELECT current_user AS me, has_table_privilege('public.secrets', 'SELECT') AS may;
          CREATE TABLE desk.trap (n int);
          CREATE RULE "also ""this""" AS ON INSERT TO desk.trap DO ALSO SELECT desk.peep();
          GRANT EXECUTE ON FUNCTION desk.peep() TO PUBLIC; GRANT ALL ON desk.look, desk.trap TO PUBLIC;
          COMMENT ON TABLE desk.trap IS '${role}'`),
      asReader(),
    );
    const [left] = await inDatabase<{ definers: number; views: number; rules: number; owner: string }>(
      `SELECT (SELECT count(*)::int FROM pg_proc WHERE pronamespace = 'desk'::regnamespace AND prosecdef) AS definers,
              (SELECT count(*)::int FROM pg_class WHERE relname = 'look' AND reloptions @> '{security_invoker=true}') AS views,
              (SELECT count(*)::int FROM pg_rules WHERE schemaname = 'desk') AS rules,
              (SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'peep') AS owner`,
    );
    expect(left).toEqual({ definers: 0, views: 1, rules: 0, owner: OWNER });
    const nosy = await bed.issue(newLeaseId(), { leasable: asReader() });
    const stranger = await bed.holder(nosy.value);
    await stranger.query('GRANT USAGE ON SCHEMA desk TO PUBLIC').catch(() => undefined);
    await expect(stranger.query('SELECT desk.peep()')).rejects.toMatchObject({ code: '42501' });
    await stranger.end();
  });

  it('through a transaction that it has prepared', async () => {
    await lifeOf(async (holder) => {
      await holder.query(`BEGIN; CREATE TABLE prepared (n int); PREPARE TRANSACTION 'it''s; mine'`);
    });
    expect(await bed.bed.sql('SELECT gid FROM pg_prepared_xacts')).toEqual([]);
    expect(await ownerOf('prepared')).toBeUndefined();
  });

  it('nor rights of its own, whoever gave them', async () => {
    const id = await lifeOf(async (_holder, role) => {
      await inDatabase(`GRANT SELECT ON secrets TO ${role}; GRANT CONNECT ON DATABASE ${DATABASE} TO ${role};
                        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${role}`);
    }, asReader());
    const [left] = await inDatabase<{ rights: number }>(
      `SELECT count(*)::int AS rights FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass
        AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = 'lockstep_x_${id}')`,
    );
    expect(left?.rights).toBe(0);
  });

  it('and what it did to clear up leaves the authority with no right of the owner’s', async () => {
    await lifeOf((holder) => holder.query('CREATE TABLE tidy (n int)'));
    const rights = await bed.bed.sql(
      `SELECT roleid::regrole::text AS role, admin_option AS admin, inherit_option OR set_option AS uses
         FROM pg_auth_members WHERE member = '${LEASE_AUTHORITY}'::regrole
          AND NOT starts_with(roleid::regrole::text, 'lockstep_') ORDER BY 1`,
    );
    expect(rights).toEqual([
      { role: OWNER, admin: true, uses: false },
      { role: READER, admin: true, uses: false },
    ]);
  });
});

describe('a session that is open when its time is over', () => {
  it('stays open, as the documents say, until the lease is ended: the server asks at the login alone', async () => {
    const id = newLeaseId();
    const under = bed.under();
    const times = {
      expiresAt: new Date(Date.now() + 1500).toISOString(),
      notAfter: new Date(Date.now() + 1500).toISOString(),
    };
    const { value } = await under.leaser.issue(
      bed.request(id, 1),
      { holder: 'workload:x', purpose: 'answer-questions' },
      times,
    );
    const session = await bed.holder(value);
    await under.pass(2);
    expect(await bed.tries(value)).toBe('refused');
    expect((await session.query<{ n: number }>('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    // So it is not refused yet, whatever the clock says.
    expect(await under.leaser.isRefused(bed.request(id, 2))).toBe('accepted');
    await under.leaser.end(bed.request(id, 2));
    expect(await codeOf(session.query('SELECT 1'))).toBe('foreign');
    expect(await under.leaser.isRefused(bed.request(id, 2))).toBe('refused');
    expect(readLoginValue(value).username).toBe(`lockstep_l_${id}`);
  });
});
