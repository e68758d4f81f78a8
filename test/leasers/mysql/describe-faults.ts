import { describe, expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { newLeaseId } from '../a-leasable.ts';
import { issue, requestOf } from '../contract/subject.ts';
import { holderOf, newLeaser } from './subject.ts';
import type { On } from './tools.ts';

/** What becomes of a lease when answers are lost, processes stand still, and many come at once. */
export function describeFaults(on: On): void {
  describeLostAnswers(on);
  describeRaces(on);
}

function describeLostAnswers({ name, bed, users, through }: On): void {
  describe(`an answer that is lost on ${name}`, () => {
    it.each([
      ['before', 'CREATE USER'],
      ['after', 'CREATE USER'],
      ['after', 'GET_LOCK'],
    ] as const)('%s %s: issued again, one works', (when, text) =>
      through(async (proxy, subject) => {
        const id = newLeaseId();
        proxy.cut(text, when);
        expect(await codeOf(issue(subject, id, 1))).toBe('TARGET_UNREACHABLE');
        expect(proxy.hasCut()).toBe(true);
        const { value } = await issue(subject, id, 1);
        expect(await subject.tries(value)).toBe('works');
        expect(await users(id)).toEqual(['open']);
      }),
    );

    const cuts = ['ACCOUNT LOCK', 'role_edges', 'REVOKE', 'PROCESSLIST', 'KILL'].flatMap((text) => [
      ['before', text] as const,
      ['after', text] as const,
    ]);
    it.each(cuts)('%s %s: ended again, it has ended', (when, text) =>
      through(async (proxy, subject) => {
        const id = newLeaseId();
        const { value } = await issue(subject, id, 1);
        const session = await holderOf(value, bed().server.port);
        proxy.cut(text, when);
        expect(await codeOf(subject.leaser.end(requestOf(subject, id, 2)))).toBe('TARGET_UNREACHABLE');
        expect(proxy.hasCut()).toBe(true);
        await subject.leaser.end(requestOf(subject, id, 2));
        expect(await subject.tries(value)).toBe('refused');
        expect(await codeOf(session.query('SELECT 1'))).toBe('foreign');
        expect(await users(id)).toEqual(['locked']);
      }),
    );
  });
}

function describeRaces({ name, under, users, through }: On): void {
  describe(`races on ${name}`, () => {
    it('a process that stands still before its change holds nobody up, and wakes up to have made nothing', () =>
      through(async (proxy, subject) => {
        const id = newLeaseId();
        const isHeld = proxy.hold('CREATE USER');
        const frozen = codeOf(issue(subject, id, 1));
        const letGo = await isHeld;
        // The server ends a session that stands still; until then an end waits for its turn, and says so.
        await expect
          .poll(() => codeOf(under().leaser.end(requestOf(under(), id, 2))), {
            timeout: 20_000,
            interval: 100,
          })
          .toBe('none');
        letGo();
        expect(await frozen).toBe('TARGET_UNREACHABLE');
        expect(await users(id)).toEqual(['locked']);
      }));

    it('a process that freezes in the middle of an end keeps its lock for no longer than the server lets it stand still', async () => {
      const id = newLeaseId();
      const { value } = await issue(under(), id, 1);
      const frozen = newLeaser({ sleep: () => new Promise(() => undefined) });
      void frozen.end(requestOf(under(), id, 2));
      await expect.poll(() => users(id)).toEqual(['locked']);
      await expect
        .poll(() => codeOf(under().leaser.end(requestOf(under(), id, 3))), { timeout: 20_000, interval: 100 })
        .toBe('none');
      expect(await under().tries(value)).toBe('refused');
    });

    it('many at once are made and ended, each its own', async () => {
      const subject = under();
      const ids = Array.from({ length: 12 }, newLeaseId);
      const issued = await Promise.all(ids.map((id) => issue(subject, id, 1)));
      expect(await Promise.all(issued.map(({ value }) => subject.tries(value)))).toEqual(
        ids.map(() => 'works'),
      );
      await Promise.all(ids.map((id) => subject.leaser.end(requestOf(subject, id, 2))));
      expect((await Promise.all(ids.map(users))).flat()).toEqual(ids.map(() => 'locked'));
    });
  });
}
