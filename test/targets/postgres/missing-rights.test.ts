import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { HeldVersion } from '../../../lambdas/core/ports/rotator.ts';
import { AUTHORITY, OWNER, postgresBed, type PostgresBed } from './bed.ts';

let bed: PostgresBed;
beforeAll(async () => {
  bed = await postgresBed();
});
afterAll(() => bed.stop());
beforeEach(() => bed.reset());
// Provisioning again is what brings every right back.
afterEach(() => bed.provision());

async function failure(work: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LockstepError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: '' };
}

/** The SQL at the end of a message, as an administrator would copy it. */
const statementsOf = (message: string): string => message.slice(message.indexOf('run: ') + 5);

/** v1 in slot a, v2 installed in slot b. */
async function underWay(): Promise<{ predecessor: HeldVersion; successor: HeldVersion }> {
  const predecessor = await bed.install('v1', 0, undefined);
  return { predecessor, successor: await bed.install('v2', 1, predecessor) };
}

describe('an authority that lacks a right', () => {
  const rights = [
    { right: 'CREATEROLE', taken: `ALTER ROLE ${AUTHORITY} NOCREATEROLE` },
    { right: 'ADMIN OPTION', taken: `REVOKE rag_b FROM ${AUTHORITY}` },
  ];

  it.each(rights)(
    '$right: the installation names it, and the SQL that it prints mends it',
    async ({ right, taken }) => {
      const predecessor = await bed.install('v1', 0, undefined);
      const successor = await bed.issue('v2', 1, predecessor);
      await bed.sql(taken);

      const install = () => bed.rotator().install(bed.request('v2', 1), successor, predecessor);
      const { code, message } = await failure(install());

      expect(code).toBe('TARGET_LACKS_GRANT');
      expect(message).toContain(`${AUTHORITY} lacks ${right} to change role rag_b`);
      expect(await bed.tries(predecessor)).toBe('works');

      await bed.sql(statementsOf(message));
      await install();
      expect(await bed.tries(successor)).toBe('works');
    },
  );

  it('both at once: both are named', async () => {
    await bed.sql(`ALTER ROLE ${AUTHORITY} NOCREATEROLE`);
    await bed.sql(`REVOKE rag_a FROM ${AUTHORITY}`);
    expect(await failure(bed.install('v1', 0, undefined))).toMatchObject({
      code: 'TARGET_LACKS_GRANT',
      message: expect.stringContaining('lacks CREATEROLE and ADMIN OPTION') as string,
    });
  });

  it.each(['disable', 'enable', 'revoke', 'stopNow'] as const)('%s names what it lacks', async (method) => {
    const { predecessor } = await underWay();
    if (method === 'enable') await bed.rotator().disable(bed.request('v2', 1), predecessor);
    await bed.sql(`REVOKE rag_a FROM ${AUTHORITY}`);

    expect(await failure(bed.rotator()[method](bed.request('v2', 1), predecessor))).toMatchObject({
      code: 'TARGET_LACKS_GRANT',
      message: expect.stringContaining('GRANT "rag_a" TO "rag_db_admin" WITH ADMIN OPTION;') as string,
    });
  });
});

describe('an authority that lacks a right over sessions', () => {
  it('pg_read_all_stats: use is unknown, and nothing is stopped on the strength of an empty list', async () => {
    const { predecessor, successor } = await underWay();
    await bed.sql(`REVOKE pg_read_all_stats FROM ${AUTHORITY}`);

    const seen = await bed.rotator().observe(bed.request('v2', 1), { predecessor, successor }, []);
    expect([seen.predecessor.sessions, seen.successor.sessions]).toEqual(['unknown', 'unknown']);

    const { code, message } = await failure(bed.rotator().disable(bed.request('v2', 1), predecessor));
    expect(code).toBe('TARGET_LACKS_GRANT');
    expect(await bed.tries(predecessor)).toBe('works');

    await bed.sql(statementsOf(message));
    expect(await bed.rotator().disable(bed.request('v2', 1), predecessor)).toBe('disabled');
  });

  it('pg_signal_backend: the version ends all the same, and its sessions with the next try', async () => {
    const { predecessor } = await underWay();
    const inside = await bed.dependent(predecessor);
    await bed.sql(`REVOKE pg_signal_backend FROM ${AUTHORITY}`);

    const { code, message } = await failure(bed.rotator().revoke(bed.request('v2', 1), predecessor));
    expect(code).toBe('TARGET_LACKS_GRANT');
    expect(message).toContain('GRANT pg_signal_backend TO "rag_db_admin";');
    expect(await bed.tries(predecessor)).toBe('28P01');

    await bed.sql(statementsOf(message));
    await bed.rotator().revoke(bed.request('v2', 1), predecessor);
    await expect(inside.query('SELECT 1')).rejects.toThrow(/terminat|not queryable|closed/);
  });
});

describe('a slot that lacks a right', () => {
  it('that is no member of its owner role is not verified', async () => {
    const successor = await bed.install('v1', 0, undefined);
    await bed.sql(`REVOKE ${OWNER} FROM rag_a`);
    // what the database gave it through its owner, too
    await bed.sql(`GRANT CONNECT ON DATABASE rag TO rag_a`);

    const { code, message } = await failure(bed.rotator().verify(bed.request('v1', 0), successor));
    expect(code).toBe('TARGET_LACKS_GRANT');
    await bed.sql(statementsOf(message));
    await bed.rotator().verify(bed.request('v1', 0), successor);
    await bed.sql(`REVOKE CONNECT ON DATABASE rag FROM rag_a`);
  });

  it('that does not act as its owner role is not verified: what it made would be closed to the other', async () => {
    const successor = await bed.install('v1', 0, undefined);
    await bed.sql(`ALTER ROLE rag_a RESET role`);

    const { code, message } = await failure(bed.rotator().verify(bed.request('v1', 0), successor));
    expect(code).toBe('TARGET_LACKS_GRANT');
    await bed.sql(statementsOf(message));
    await bed.rotator().verify(bed.request('v1', 0), successor);
  });

  it('that may not enter the database is named', async () => {
    const successor = await bed.install('v1', 0, undefined);
    await bed.sql(`REVOKE ${OWNER} FROM rag_a`);
    expect(await failure(bed.rotator().verify(bed.request('v1', 0), successor))).toMatchObject({
      code: 'TARGET_LACKS_GRANT',
      message: expect.stringContaining('GRANT CONNECT ON DATABASE "rag" TO "rag_a";') as string,
    });
  });
});

describe('a role that cannot be a slot', () => {
  it('does not exist', async () => {
    const credential = bed.credential({ slots: ['rag_a', 'rag_c'] });
    const predecessor = await bed.install('v1', 0, undefined);
    const issued = await bed.rotator().issue(bed.request('v2', 1, credential), predecessor);
    const successor = { version: 'v2', ...issued };
    expect(
      await failure(bed.rotator().install(bed.request('v2', 1, credential), successor, predecessor)),
    ).toMatchObject({
      code: 'TARGET_REFUSED',
      message: expect.stringContaining('there is no role rag_c') as string,
    });
    // what does not exist has ended
    await bed.rotator().revoke(bed.request('v2', 1, credential), successor);
    expect(await bed.rotator().disable(bed.request('v2', 1, credential), successor)).toBe('disabled');
  });

  it('is a superuser', async () => {
    await bed.sql('ALTER ROLE rag_a SUPERUSER');
    const { code, message } = await failure(bed.install('v1', 0, undefined));
    expect(code).toBe('TARGET_REFUSED');
    await bed.sql(statementsOf(message));
    await bed.install('v1', 0, undefined);
  });
});
