import { describe, expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { newLeaseId } from '../a-leasable.ts';
import { issue } from '../contract/subject.ts';
import { AUTHORITY, mysqlAuthority, newLeaser, READER, rewritten } from './subject.ts';
import { toolsOf, type MysqlBed, type On } from './tools.ts';

/** What the authority of leases has to have, and must not: what only a real server can say. */
export function describeMysqlAuthority(name: string, bed: MysqlBed): void {
  const on: On = { name, bed, ...toolsOf(bed) };
  describeRights(on);
  describeMore(on);
}

/** The statements at the end of a message, as an administrator would copy them. */
const statementsIn = (message: string): readonly string[] =>
  message
    .slice(message.indexOf('run: ') + 5)
    .split(';')
    .filter((statement) => statement.trim() !== '');

function describeRights({ name, bed, under, users, proof }: On): void {
  describe(`the authority of leases on ${name}`, () => {
    it('is proved as an administrator has made it, with leases there', async () => {
      await issue(under(), newLeaseId());
      expect(await proof()).toMatchObject({ code: 'none' });
    });

    it.each([
      ['CREATE USER', `REVOKE CREATE USER ON *.* FROM ${AUTHORITY}@'%'`],
      ['PROCESS', `REVOKE PROCESS ON *.* FROM ${AUTHORITY}@'%'`],
      ['CONNECTION_ADMIN', `REVOKE CONNECTION_ADMIN ON *.* FROM ${AUTHORITY}@'%'`],
      [`ADMIN OPTION on ${READER}`, `REVOKE ${READER} FROM ${AUTHORITY}@'%'`],
      ['mysql.role_edges', `REVOKE SELECT ON mysql.role_edges FROM ${AUTHORITY}@'%'`],
    ])('without %s is refused by name, and the SQL that is printed mends it', async (right, taken) => {
      await bed().server.admin(taken);
      const found = await proof();
      for (const statement of statementsIn(found.message)) await bed().server.admin(statement);
      expect(found).toMatchObject({ code: 'TARGET_LACKS_GRANT' });
      expect(found.message).toContain(right);
      expect(await proof()).toMatchObject({ code: 'none' });
    });

    it('without a role makes nothing, and says so', async () => {
      await bed().server.admin(`REVOKE ${READER} FROM ${AUTHORITY}@'%'`);
      const id = newLeaseId();
      const code = await codeOf(issue(under(), id, 1));
      await bed().server.admin(`GRANT ${READER} TO ${AUTHORITY}@'%' WITH ADMIN OPTION`);
      expect([code, await users(id)]).toEqual(['TARGET_LACKS_GRANT', []]);
    });

    it.each([
      ['SYSTEM_USER', `GRANT SYSTEM_USER ON *.* TO ${AUTHORITY}@'%'`],
      ['ROLE_ADMIN', `GRANT ROLE_ADMIN ON *.* TO ${AUTHORITY}@'%'`],
      ['SELECT', `GRANT SELECT ON *.* TO ${AUTHORITY}@'%'`],
      ['role stranger', `GRANT stranger TO ${AUTHORITY}@'%'`],
    ])('with %s besides is refused by name, and the SQL that is printed mends it', async (right, given) => {
      await bed().server.admin(given);
      const found = await proof();
      for (const statement of statementsIn(found.message)) await bed().server.admin(statement);
      expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
      expect(found.message).toContain(right);
      expect(await proof()).toMatchObject({ code: 'none' });
    });
  });
}

function describeMore({ name, bed, proof }: On): void {
  describe(`what the authority of leases leads to on ${name}`, () => {
    it.each([
      [
        'authentication_string',
        `GRANT SELECT (authentication_string) ON mysql.user TO ${AUTHORITY}@'%'`,
        `REVOKE SELECT (authentication_string) ON mysql.user FROM ${AUTHORITY}@'%'`,
      ],
      [
        'SELECT rag.*',
        `GRANT SELECT ON rag.* TO ${AUTHORITY}@'%'`,
        `REVOKE SELECT ON rag.* FROM ${AUTHORITY}@'%'`,
      ],
      ['can log in', `ALTER USER ${READER} ACCOUNT UNLOCK`, `ALTER USER ${READER} ACCOUNT LOCK`],
      ['File_priv', `GRANT FILE ON *.* TO ${READER}`, `REVOKE FILE ON *.* FROM ${READER}`],
      ['SYSTEM_USER', `GRANT SYSTEM_USER ON *.* TO ${READER}`, `REVOKE SYSTEM_USER ON *.* FROM ${READER}`],
      [
        'ADMIN OPTION on stranger',
        `GRANT stranger TO ${READER} WITH ADMIN OPTION`,
        `REVOKE stranger FROM ${READER}`,
      ],
    ])('%s: is refused by name', async (right, given, taken) => {
      await bed().server.admin(given);
      const found = await proof();
      await bed().server.admin(taken);
      expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
      expect(found.message).toContain(right);
    });

    it('accounts that it could change are named, unless the inventory says that it must be so', async () => {
      await bed().server.admin(`CREATE USER slot_a@'%' IDENTIFIED BY 'x'`);
      const [found, declared] = [await proof(), await proof({ exposesOthers: true })];
      await bed().server.admin(`GRANT SYSTEM_USER ON *.* TO slot_a@'%'`);
      const after = await proof();
      await bed().server.admin(`DROP USER slot_a@'%'`);
      expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
      expect(found.message).toContain(`'slot_a'@'%'`);
      expect([declared.code, after.code]).toEqual(['none', 'none']);
    });

    it.each([
      ['of another user', { username: 'root' }],
      ['of another port', { port: 1 }],
    ])('a value %s is not taken', (_, change) => {
      const check = () =>
        newLeaser().checkAuthority(
          mysqlAuthority({ port: bed().server.port }),
          rewritten(bed().value, change),
        );
      expect(check).toThrow(expect.objectContaining({ code: 'VALUE_MALFORMED' }) as Error);
    });
  });
}
