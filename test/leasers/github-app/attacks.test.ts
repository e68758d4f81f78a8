import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { newLeaseId } from '../a-leasable.ts';
import { inMinutes } from '../in-minutes.ts';
import { aGithubWorld, READ } from './a-world.ts';

type World = ReturnType<typeof aGithubWorld>;
let world: World;
beforeEach(() => {
  world = aGithubWorld();
});
afterEach(() => world.cleanUp());

const issue = (of = world.request(), purpose = 'answer-questions', holder = 'workload:docs-bot') =>
  world.leaser.issue(of, { holder, purpose }, inMinutes(world.clock.now, 60));

const WRITE = { repositories: ['docs'], permissions: { contents: 'write' }, purposes: ['publish-docs'] };
const TRIAGE = { repositories: ['site'], permissions: { issues: 'write' }, purposes: ['triage'] };

describe('the purpose', () => {
  it('decides what a token may do, and where', async () => {
    const of = world.request({ access: [READ, WRITE, TRIAGE] });
    const tokens = {
      read: (await issue(of)).value,
      write: (await issue({ ...of, leaseId: newLeaseId() }, 'publish-docs')).value,
      triage: (await issue({ ...of, leaseId: newLeaseId() }, 'triage')).value,
    };
    const can = ({ value }: { readonly value: (typeof tokens)['read'] }) => [
      world.may(value, 'acme/docs', 'contents', 'read'),
      world.may(value, 'acme/docs', 'contents', 'write'),
      world.may(value, 'acme/site', 'issues', 'write'),
      world.may(value, 'acme/payroll', 'contents', 'read'),
    ];
    expect(can({ value: tokens.read })).toEqual([true, false, false, false]);
    expect(can({ value: tokens.write })).toEqual([true, true, false, false]);
    expect(can({ value: tokens.triage })).toEqual([false, false, true, false]);
  });

  it.each(['anything', 'toString', '__proto__', 'publish-docs ', 'PUBLISH-DOCS'])(
    'that nothing is declared for gets nothing: %j',
    async (purpose) => {
      const of = world.request({ access: [WRITE, TRIAGE] });
      await expect(issue(of, purpose)).rejects.toThrow(/nothing in access of docs-writer is for the purpose/);
      expect(world.github.asked).toEqual([]);
    },
  );

  it('never gets a token without repositories or permissions: that would have all of the installation', async () => {
    for (const access of [
      [{ repositories: [], permissions: { contents: 'read' } }],
      [{ repositories: ['docs'], permissions: {} }],
      [],
    ])
      expect(await codeOf(issue(world.request({ access })))).toBe('INVENTORY_INVALID');
    expect(world.github.asked).toEqual([]);
  });
});

describe('an installation of somebody else', () => {
  it('whose repository is called the same is told by its owner, and its token is taken back', async () => {
    await expect(issue(world.request({ installation: 8 }))).rejects.toThrow(
      /does installation belong to acme\?/,
    );
    expect(world.github.made.map(({ account, isEnded }) => [account, isEnded])).toEqual([['mallory', true]]);
  });

  it('is not told by how its owner is spelled', async () => {
    const { value } = await issue(world.request({ account: 'ACME' }));
    expect(world.may(value, 'acme/docs', 'contents', 'read')).toBe(true);
  });
});

describe('a name', () => {
  it.each(['../../user', 'docs/../../orgs/acme', '7/access_tokens?x=', 'a"b', 'canary'])(
    'that a holder has goes nowhere: %j',
    async (holder) => {
      await issue(world.request(), 'answer-questions', holder);
      expect(JSON.stringify(world.github.asked)).not.toContain(holder);
    },
  );

  it('of a repository is a field of the request and never a part of its path', async () => {
    const access = [{ repositories: ['../../../user/repos'], permissions: { contents: 'read' } }];
    await codeOf(issue(world.request({ access })));
    // The double itself refuses it as a name; that it was asked at its own place is what is looked at here.
    expect(world.github.violations).toEqual(['a name that no repository has']);
    world = aGithubWorld();
  });
});
