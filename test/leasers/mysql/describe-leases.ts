import { describe, expect, it } from 'vitest';
import { MARK, OTHER_MARK } from '../../fakes/marks.ts';
import { codeOf } from '../../ports/under-test.ts';
import { newLeaseId } from '../a-leasable.ts';
import { allOurs, HOLDER, inSeconds, issue, listed, requestOf, timesOf } from '../contract/subject.ts';
import { describeFaults } from './describe-faults.ts';
import { holderOf, mysqlLeasable, mysqlSubject, READER, WRITER } from './subject.ts';
import { toolsOf, type MysqlBed, type On } from './tools.ts';

/** What leases of MySQL have to do on every server: run on the double, and on a real one where there is one. */
export function describeMysqlLeases(name: string, bed: MysqlBed): void {
  const on: On = { name, bed, ...toolsOf(bed) };
  describeUsers(on);
  describePlaces(on);
  describeFaults(on);
}

const ended = (id: string): string => `UPDATE mysql.user SET User_attributes =
  JSON_SET(User_attributes, '$.metadata.lockstep.until', 1) WHERE User = 'lease_${id}'`;

function describeUsers({ name, bed, under, users }: On): void {
  describe(`the user of a lease on ${name}`, () => {
    it('has the roles that were declared from its first statement on, and says whose it is', async () => {
      const id = newLeaseId();
      const names = { holder: `agent:o'brien"\\%_`, purpose: `"; DROP USER x; -- \u0000 ü😀` };
      const subject = under(mysqlLeasable({ roles: [READER, WRITER] }));
      const { value } = await subject.leaser.issue(requestOf(subject, id, 4), names, timesOf(subject));
      const holder = await holderOf(value);
      const [roles] = await holder.query('SELECT CURRENT_ROLE() AS roles');
      await holder.end();
      expect(roles).toEqual([{ roles: `\`${READER}\`@\`%\`,\`${WRITER}\`@\`%\`` }]);
      const [row] = await bed().server.admin(
        `SELECT ATTRIBUTE AS attribute FROM information_schema.USER_ATTRIBUTES WHERE USER = 'lease_${id}'`,
      );
      expect(JSON.parse(String(row?.['attribute']))).toEqual({
        lockstep: {
          environment: 'test',
          leasable: 'vector-store-reader',
          fence: 4,
          ended: false,
          until: 0,
          ...names,
        },
      });
    });

    it('that has ended stays locked, without a role, for as long as an issue could come, and is dropped then', async () => {
      const [id, young] = [newLeaseId(), newLeaseId()];
      const subject = under();
      for (const each of [id, young]) {
        await issue(subject, each, 1);
        await subject.leaser.end(requestOf(subject, each, 2));
      }
      const edges = await bed().server.admin(
        `SELECT FROM_USER AS role FROM mysql.role_edges WHERE TO_USER = 'lease_${id}'`,
      );
      expect([await users(id), edges]).toEqual([['locked'], []]);
      await bed().server.admin(ended(id));
      await allOurs(subject);
      expect([await users(id), await users(young)]).toEqual([[], ['locked']]);
    });

    it('whose attribute somebody has taken away is not changed any more, and is ended all the same', async () => {
      const id = newLeaseId();
      const subject = under();
      const { value } = await issue(subject, id, 1);
      await bed().server.admin(`ALTER USER 'lease_${id}'@'%' ATTRIBUTE '{"lockstep":null}'`);
      expect(await codeOf(issue(subject, id, 2))).toBe('FENCED_OFF');
      const renewal = subject.leaser.renew(requestOf(subject, id, 2), inSeconds(subject, 60));
      expect(await codeOf(renewal)).toBe('FENCED_OFF');
      await subject.leaser.end(requestOf(subject, id, 3));
      expect(await subject.tries(value)).toBe('refused');
    });
  });
}

function describePlaces({ name, bed, under, users }: On): void {
  describe(`the user of a lease on ${name}, elsewhere`, () => {
    it('whose place the inventory has changed is ended all the same', async () => {
      const id = newLeaseId();
      const { value } = await issue(under(), id, 1);
      const moved = under(mysqlLeasable({ from: '10.%' }));
      await moved.leaser.end(requestOf(moved, id, 2));
      expect(await moved.tries(value)).toBe('refused');
    });

    it('of another deployment on the same server is not dropped when it has ended and its time is over', async () => {
      const subject = under();
      const theirs = { ...subject, mark: OTHER_MARK };
      const other = newLeaseId(OTHER_MARK);
      await issue(theirs, other, 1);
      await theirs.leaser.end(requestOf(theirs, other, 2));
      await bed().server.admin(ended(other));
      await allOurs(subject);
      expect(await users(other)).toEqual(['locked']);
      await allOurs(theirs);
      expect(await users(other)).toEqual([]);
    });

    it('is told from what has our mark and no id, which is listed, and from what only begins like one', async () => {
      const [ours, nobodys] = [`lease_${MARK}_of_somebody`, 'lease_for_a_flat'];
      for (const user of [ours, nobodys]) await bed().server.admin(`CREATE USER '${user}'@'%' ACCOUNT LOCK`);
      const { leases, others } = await listed(under());
      expect(leases).toContainEqual({ key: ours });
      expect(leases.filter(({ key }) => key === nobodys)).toEqual([]);
      expect(others).not.toContain('for_a_fl');
      for (const user of [ours, nobodys]) await bed().server.admin(`DROP USER IF EXISTS '${user}'@'%'`);
    });

    it('is not made by a server whose clock is not ours', async () => {
      for (const minutes of [-5, 5]) {
        const clock = () => new Date(Date.now() + minutes * 60_000);
        const subject = mysqlSubject(bed().server, bed().value, { clock });
        const id = newLeaseId();
        const times = { expiresAt: '2099-01-01T00:00:00.000Z', notAfter: '2099-01-01T00:00:00.000Z' };
        const attempt = subject.leaser.issue(requestOf(subject, id, 1), HOLDER, times);
        await expect(attempt).rejects.toThrow(/clock of MySQL .* (299|300|301) s (ahead|behind)/);
        expect(await users(id)).toEqual([]);
      }
    });
  });
}
