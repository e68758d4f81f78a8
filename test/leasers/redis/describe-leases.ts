import { describe, expect, it } from 'vitest';
import { LockstepError } from '../../../lambdas/core/errors.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { codeOf } from '../../ports/under-test.ts';
import { cuttingProxy, type CuttingProxy } from '../../targets/postgres/cutting-proxy.ts';
import { newLeaseId } from '../a-leasable.ts';
import { MARK } from '../../fakes/marks.ts';
import { HOLDER, inSeconds, issue, listed, requestOf } from '../contract/subject.ts';
import {
  AUTHORITY,
  holderOf,
  prepared,
  redisAuthority,
  redisLeasable,
  redisSubject,
  rewritten,
  wordsIn,
  type RedisServer,
} from './subject.ts';

/** A server and the value of its authority. */
export type RedisBed = () => { readonly server: RedisServer; readonly value: Secret };

/** What leases of Redis have to do on every server: run on the double, and on a real one where there is one. */
export function describeRedisLeases(name: string, bed: RedisBed): void {
  const on: On = { name, bed, ...toolsOf(bed) };
  describeRights(on);
  describeAuthorityOfLeases(on);
  describeLostAnswers(on);
  describeRaces(on);
  describeServer(on);
}

interface On extends ReturnType<typeof toolsOf> {
  readonly name: string;
  readonly bed: RedisBed;
}

function toolsOf(bed: RedisBed) {
  const under = (leasable = redisLeasable()) => ({ ...redisSubject(bed().server, bed().value), leasable });
  const users = async (id: string) =>
    ((await bed().server.admin('ACL', 'USERS')) as readonly string[]).filter((each) => each.includes(id));
  const proof = async (value = bed().value): Promise<{ readonly code: string; readonly message: string }> => {
    try {
      await under().leaser.proveAuthority(redisAuthority(bed().server.port), value);
      return { code: 'none', message: '' };
    } catch (error) {
      if (error instanceof LockstepError) return error;
      throw error;
    }
  };
  const through = async (work: (proxy: CuttingProxy, subject: ReturnType<typeof under>) => Promise<void>) => {
    const proxy = await cuttingProxy(bed().server.port);
    const value = rewritten(bed().value, { port: proxy.port });
    const { port } = bed().server;
    const base = redisSubject({ ...bed().server, port: proxy.port }, value);
    // Holders are not what is cut off.
    const tries = (held: Secret) => base.tries(rewritten(held, { port }));
    try {
      await work(proxy, { ...base, tries, leasable: redisLeasable() });
    } finally {
      await proxy.close();
    }
  };

  return { under, users, proof, through };
}

const userOf = (id: string): string => `lockstep_l_${id}`;

/** The line at the end of a message, as an administrator would copy it. */
const mend = (message: string): readonly string[] => wordsIn(message.slice(message.indexOf('run: ') + 5));

function describeRights({ name, bed, under, users }: On): void {
  describe(`leases of Redis on ${name}: rights`, () => {
    it('are the keys, channels and commands that were declared, and no others', async () => {
      await bed().server.admin('SET', 'cache:1', 'kept');
      const { value } = await issue(under(), newLeaseId());
      const holder = await holderOf(value);
      expect(await holder.ask('GET', 'cache:1')).toBe('kept');
      expect(await holder.ask('SET', 'queue:1', 'x')).toBe('OK');
      expect(await holder.ask('PUBLISH', 'news:1', 'x')).toBe(0);
      for (const refused of [
        ['SET', 'cache:1', 'x'],
        ['GET', 'other'],
        ['GET', 'lockstep:lease:x'],
        ['PUBLISH', 'other', 'x'],
      ])
        await expect(holder.ask(...refused)).rejects.toThrow(/^NOPERM/);
      holder.close();
    });

    it.each([
      ['ACL', 'SETUSER', 'default', 'on', 'nopass'],
      ['ACL', 'WHOAMI'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['CLIENT', 'KILL', 'USER', AUTHORITY],
      ['FUNCTION', 'LOAD', 'x'],
      ['SCRIPT', 'FLUSH'],
      ['FLUSHALL'],
      ['KEYS', '*'],
    ])('never come with a category: %s %s', async (...words) => {
      const { value } = await issue(under(), newLeaseId());
      const holder = await holderOf(value);
      await expect(holder.ask(...words.filter((word) => word !== undefined))).rejects.toThrow(/^NOPERM/);
      holder.close();
    });

    it('are less what was excepted', async () => {
      const leasable = redisLeasable({ commands: ['@read', '@connection', 'set'], except: ['set'] });
      const holder = await holderOf((await issue(under(leasable), newLeaseId())).value);
      await expect(holder.ask('SET', 'queue:1', 'x')).rejects.toThrow(/^NOPERM/);
      holder.close();
    });

    it('that the server does not know make nothing, and say so without a word of the server’s', async () => {
      const id = newLeaseId();
      const attempt = issue(under(redisLeasable({ commands: ['nosuchcommand'] })), id);
      await expect(attempt).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
      await expect(attempt).rejects.not.toThrow(/Unknown command|modifier/);
      expect(await users(id)).toEqual([]);
    });
  });
}

function describeAuthorityOfLeases({ name, bed, under, proof }: On): void {
  describe(`leases of Redis on ${name}: the authority`, () => {
    it.each(['+get', '+set', '+acl|setuser', '+acl|deluser', '+exec'])(
      'without %s is refused by name, and the line that is printed mends it',
      async (right) => {
        await bed().server.admin('ACL', 'SETUSER', AUTHORITY, `-${right.slice(1)}`);
        const found = await proof();
        expect(found).toMatchObject({ code: 'TARGET_LACKS_GRANT' });
        expect(found.message).toContain(right);
        expect(await codeOf(issue(under(), newLeaseId()))).toBe('TARGET_LACKS_GRANT');
        await bed().server.admin(...mend(found.message));
        expect(await proof()).toMatchObject({ code: 'none' });
      },
    );

    it.each(['+flushall', '+@all', '~*', '~other:*', '&*', 'nopass'])(
      'with %s besides is refused by name, and the line that is printed mends it',
      async (right) => {
        await bed().server.admin('ACL', 'SETUSER', AUTHORITY, right);
        const found = await proof();
        expect(found).toMatchObject({ code: 'TARGET_REFUSED' });
        await bed().server.admin(...mend(found.message));
        await bed().server.admin('ACL', 'SETUSER', AUTHORITY, 'resetpass');
        const value = await prepared(bed().server);
        expect(await proof(value)).toMatchObject({ code: 'none' });
        await bed().server.admin('ACL', 'SETUSER', AUTHORITY, `>${passwordOf(bed().value)}`);
      },
    );

    it.each([
      ['of another user', { username: 'default' }],
      ['of another port', { port: 1 }],
    ])('has no value %s', (_, change) => {
      const check = () =>
        under().leaser.checkAuthority(redisAuthority(bed().server.port), rewritten(bed().value, change));
      expect(check).toThrow(expect.objectContaining({ code: 'VALUE_MALFORMED' }) as Error);
    });
  });
}

function describeLostAnswers({ name, bed, users, through }: On): void {
  describe(`leases of Redis on ${name}: lost answers`, () => {
    it.each(['before', 'after'] as const)(
      'an issue whose answer is lost %s the change: issued again, one works',
      (when) =>
        through(async (proxy, subject) => {
          const id = newLeaseId();
          proxy.cut('SETUSER', when);
          expect(await codeOf(issue(subject, id, 1))).toBe('TARGET_UNREACHABLE');
          expect(proxy.hasCut()).toBe(true);
          const { value } = await issue(subject, id, 1);
          expect(await subject.tries(value)).toBe('works');
          expect(await users(id)).toEqual([userOf(id)]);
        }),
    );

    it.each(['before', 'after'] as const)(
      'an end whose answer is lost %s the change: ended again, it has ended',
      (when) =>
        through(async (proxy, subject) => {
          const id = newLeaseId();
          const { value } = await issue(subject, id, 1);
          const session = await holderOf(value, bed().server.port);
          proxy.cut('DELUSER', when);
          expect(await codeOf(subject.leaser.end(requestOf(subject, id, 2)))).toBe('TARGET_UNREACHABLE');
          await subject.leaser.end(requestOf(subject, id, 2));
          expect(await subject.tries(value)).toBe('refused');
          expect(await codeOf(session.ask('PING'))).toBe('foreign');
          expect(await users(id)).toEqual([]);
        }),
    );
  });
}

function describeRaces({ name, bed, under, users, through }: On): void {
  describe(`leases of Redis on ${name}: races`, () => {
    it('a process that stands still between its look and its change, and wakes up when its lease has ended, has made nothing', () =>
      through(async (proxy, subject) => {
        const id = newLeaseId();
        const isHeld = proxy.hold('MULTI');
        const frozen = codeOf(issue(subject, id, 1));
        const letGo = await isHeld;
        await under().leaser.end(requestOf(under(), id, 2));
        letGo();
        expect(await frozen).toBe('FENCED_OFF');
        expect(await users(id)).toEqual([]);
      }));

    it('a lease that is issued again cuts off whoever was in by the answer before', async () => {
      const id = newLeaseId();
      const first = await holderOf((await issue(under(), id, 1)).value);
      await issue(under(), id, 2);
      expect(await codeOf(first.ask('PING'))).toBe('foreign');
    });

    it('a user whose memory is gone is not changed any more, and is ended all the same', async () => {
      const id = newLeaseId();
      const { value } = await issue(under(), id, 1);
      await bed().server.admin('SET', `lockstep:lease:${id}`, 'somebody wrote this');
      const subject = under();
      expect(await codeOf(issue(subject, id, 2))).toBe('FENCED_OFF');
      expect(await codeOf(subject.leaser.renew(requestOf(subject, id, 2), inSeconds(subject, 60)))).toBe(
        'FENCED_OFF',
      );
      await subject.leaser.end(requestOf(subject, id, 3));
      expect(await subject.tries(value)).toBe('refused');
    });
  });
}

function describeServer({ name, bed, under, users }: On): void {
  describe(`leases of Redis on ${name}: what a server has`, () => {
    it('and has our mark and no id is listed, and what has no mark is only told of', async () => {
      const [ours, nobodys] = [`lockstep_l_${MARK}-of-somebody`, 'lockstep_l_somebody'];
      for (const user of [ours, nobodys]) await bed().server.admin('ACL', 'SETUSER', user, 'off');
      const { leases, others } = await listed(under());
      expect(leases).toContainEqual({ key: ours });
      expect(leases.filter(({ key }) => key === nobodys)).toEqual([]);
      expect(others).toContain('somebody');
      await bed().server.admin('ACL', 'DELUSER', ours, nobodys);
    });

    it('is not changed by a clock that is not ours', async () => {
      for (const minutes of [-5, 5]) {
        const subject = redisSubject(bed().server, bed().value, {
          clock: () => new Date(Date.now() + minutes * 60_000),
        });
        const id = newLeaseId();
        const times = { expiresAt: '2099-01-01T00:00:00.000Z', notAfter: '2099-01-01T00:00:00.000Z' };
        const attempt = subject.leaser.issue(requestOf(subject, id, 1), HOLDER, times);
        await expect(attempt).rejects.toThrow(/clock of Redis .* (299|300|301) s (ahead|behind)/);
        expect(await users(id)).toEqual([]);
      }
    });
  });
}

const passwordOf = (value: Secret): string => (JSON.parse(value.reveal()) as { password: string }).password;
