import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newLeaseId } from '../../leasers/a-leasable.ts';
import { allOurs, inSeconds, timesOf } from '../../leasers/contract/subject.ts';
import { codeOf } from '../../ports/under-test.ts';
import { DATABASE, OWNER, SLOTS } from '../postgres/bed.ts';
import { postgresLeaseBed, READER, type PostgresLeaseBed } from './lease-bed.ts';
import { MARK } from '../../fakes/marks.ts';

let bed: PostgresLeaseBed;
beforeAll(async () => {
  bed = await postgresLeaseBed();
}, 120_000);
afterAll(() => bed.stop());

const grant = (role: string, inherit: boolean, set: boolean) => ({ role, inherit, set });

/** A lease of these rights, and its holder's session. */
async function leased(target: Readonly<Record<string, unknown>>) {
  const id = newLeaseId();
  const { key, value } = await bed.issue(id, { leasable: bed.leasable(target) });
  return { id, key, value, holder: await bed.holder(value) };
}

const tell = async (holder: { query: (text: string) => Promise<{ rows: unknown[] }> }, sql: string) =>
  (await holder.query(sql)).rows[0];

describe('a lease has the rights that were declared', () => {
  it.each([
    ['inherited', [grant(READER, true, false)], { uses: true, becomes: false }],
    ['to be put on', [grant(READER, false, true)], { uses: false, becomes: true }],
    ['both', [grant(READER, true, true)], { uses: true, becomes: true }],
  ])('%s', async (_, grants, expected) => {
    // Rights that are only to be put on do not let it in.
    await bed.bed.sql(`GRANT CONNECT ON DATABASE ${DATABASE} TO PUBLIC`);
    const { holder } = await leased({ grants });
    await bed.bed.sql(`REVOKE CONNECT ON DATABASE ${DATABASE} FROM PUBLIC`);
    const found = await tell(
      holder,
      `SELECT pg_has_role('${READER}', 'USAGE') AS uses, pg_has_role('${READER}', 'SET') AS becomes`,
    );
    await holder.end();
    expect(found).toEqual(expected);
  });

  it('of several roles, and begins as the one that it acts as', async () => {
    const grants = [grant(OWNER, false, true), grant(READER, true, false)];
    const { holder, key } = await leased({ grants, actAs: OWNER });
    const found = await tell(
      holder,
      `SELECT session_user::text AS login, current_user::text AS acts, pg_has_role(session_user, '${READER}', 'USAGE') AS reads`,
    );
    await holder.end();
    expect(found).toEqual({ login: key, acts: OWNER, reads: true });
  });

  it('and no others: neither an attribute, nor anything of the slots', async () => {
    const { holder, key } = await leased({});
    const [role] = await bed.bed.sql(
      `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS more,
              rolconnlimit AS "limit", pg_has_role(oid, '${SLOTS[0]}', 'MEMBER') AS slot FROM pg_roles WHERE rolname = '${key}'`,
    );
    expect(role).toEqual({ more: false, limit: 5, slot: false });
    const attempts = [
      `ALTER ROLE ${key} VALID UNTIL 'infinity'`,
      `ALTER ROLE ${key} CONNECTION LIMIT -1`,
      `ALTER ROLE ${key} CREATEROLE`,
      `GRANT ${key} TO ${SLOTS[0]}`,
      `GRANT ${OWNER} TO ${SLOTS[0]}`,
      `COMMENT ON ROLE ${key} IS ''`,
      `CREATE ROLE another`,
      `DROP ROLE ${SLOTS[0]}`,
    ];
    for (const attempt of attempts)
      await expect(holder.query(attempt)).rejects.toMatchObject({ code: '42501' });
    await holder.end();
  });
});

describe('a lease is bounded', () => {
  it('even where a holder gives itself another password: ends at its time and when it is ended', async () => {
    const { id, key, value, holder } = await leased({});
    await holder.query(`ALTER ROLE ${key} PASSWORD 'chosen-by-the-holder'`);
    await holder.end();
    const [role] = await bed.bed.sql<{ ends: boolean }>(
      `SELECT rolvaliduntil < now() + interval '1 hour' AS ends FROM pg_roles WHERE rolname = '${key}'`,
    );
    expect(role?.ends).toBe(true);
    expect(await bed.tries(value)).toBe('refused');
    await bed.leaser().end(bed.request(id, 2));
    await expect(bed.login(key, 'chosen-by-the-holder')).rejects.toMatchObject({ code: '28P01' });
  });

  it('to as many sessions at a time as were declared', async () => {
    const { holder, value } = await leased({ connectionLimit: 2 });
    const second = await bed.holder(value);
    await expect(bed.holder(value)).rejects.toMatchObject({ code: '53300' });
    await Promise.all([holder.end(), second.end()]);
  });
});

describe('the role of a lease', () => {
  it('says whose it is, for what, and under which fence, to whoever looks at the server', async () => {
    const id = newLeaseId();
    const names = { holder: `agent:o'brien"\\$$`, purpose: '"; DROP TABLE x; --\u0000' };
    const under = bed.under();
    await under.leaser.issue(bed.request(id, 4), names, timesOf(under));
    const [row] = await bed.bed.sql<{ comment: string }>(
      `SELECT shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = 'lockstep_l_${id}'`,
    );
    expect(JSON.parse(row?.comment ?? '{}')).toEqual({
      lockstep: { lease: id, environment: 'test', leasable: 'vector-store-reader', fence: 4, ...names },
    });
  });

  it('whose comment somebody has taken away is not changed any more, and is ended all the same', async () => {
    const id = newLeaseId();
    const { value } = await bed.issue(id);
    await bed.bed.sql(`COMMENT ON ROLE lockstep_l_${id} IS NULL`);
    expect(await codeOf(bed.issue(id))).toBe('FENCED_OFF');
    const renewal = bed.leaser().renew(bed.request(id, 2), inSeconds(bed.under(), 60));
    expect(await codeOf(renewal)).toBe('FENCED_OFF');
    await bed.leaser().end(bed.request(id, 3));
    expect(await bed.tries(value)).toBe('refused');
  });

  it('with our mark is listed, whoever made it, with whatever comment, and with an id or not', async () => {
    const [nobodys, odd] = [newLeaseId(), `lockstep_l_${MARK}_of_somebody`];
    const under = bed.under();
    await bed.bed.sql(
      `CREATE ROLE lockstep_l_${nobodys}; CREATE ROLE ${odd} LOGIN VALID UNTIL '2099-01-01Z'`,
    );
    const leases = new Map((await allOurs(under)).map((lease) => [lease.key, lease]));
    expect(leases.get(`lockstep_l_${nobodys}`)).toEqual({ key: `lockstep_l_${nobodys}`, leaseId: nobodys });
    expect(leases.get(odd)).toEqual({ key: odd, expiresAt: '2099-01-01T00:00:00.000Z' });
    // What the authority has not made it cannot end: a debt that names what is missing.
    expect(await codeOf(under.leaser.end(bed.request(nobodys, 9)))).toBe('TARGET_LACKS_GRANT');
  });
});

describe('a server whose clock is not ours', () => {
  it('makes no lease', async () => {
    for (const minutes of [-5, 5]) {
      const clock = () => new Date(Date.now() + minutes * 60_000);
      const id = newLeaseId();
      const attempt = bed
        .leaser({ clock })
        .issue(
          bed.request(id, 1),
          { holder: 'h', purpose: 'answer-questions' },
          { expiresAt: '2099-01-01T00:00:00.000Z', notAfter: '2099-01-01T00:00:00.000Z' },
        );
      await expect(attempt).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
      await expect(attempt).rejects.toThrow(/clock of PostgreSQL .* (299|300|301) s (ahead|behind)/);
      expect(await bed.roles()).not.toContain(`lockstep_l_${id}`);
    }
  });
});
