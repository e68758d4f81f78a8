import { beforeEach, describe, expect, it } from 'vitest';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuthorityStatus } from '../../lambdas/report/show-authorities.ts';
import { CommandLine } from './a-command-line.ts';
import { aStatus, NOW } from './a-connection.ts';

const DAY = 86_400;
const ago = (days: number): string => new Date(Date.parse(NOW) - days * DAY * 1000).toISOString();

/** A lease authority as `status` tells it: supplied so many days ago. */
const anAuthority = (name: string, days: number, parts: Partial<AuthorityStatus> = {}): AuthorityStatus => ({
  name,
  kind: 'postgres',
  owner: 'data-platform',
  supplyEverySeconds: 90 * DAY,
  supplied: true,
  since: ago(days),
  ageSeconds: days * DAY,
  dueAt: ago(days - 90),
  overdue: days >= 90,
  ...parts,
});

const NEVER: AuthorityStatus = {
  name: 'new-leases',
  kind: 'openai',
  owner: 'agents-team',
  supplyEverySeconds: 90 * DAY,
  supplied: false,
  overdue: false,
};

const { supplied: _unknown, ...UNSUPPLIED } = NEVER;
const UNKNOWN: AuthorityStatus = {
  ...UNSUPPLIED,
  name: 'lost-leases',
  overdue: true,
  problem: 'VAULT_REFUSED: no right to list versions',
};

let line: CommandLine;
const shows = (...leaseAuthorities: readonly AuthorityStatus[]): void => {
  line.pipeline.credentials = [aStatus('vector-store')];
  line.pipeline.leaseAuthorities = leaseAuthorities;
};
beforeEach(() => {
  line = new CommandLine();
});

describe('status of what leases are made by', () => {
  it('stands below the credentials: how old each is, when it is due, and who has to do what', async () => {
    shows(anAuthority('fresh-leases', 30), anAuthority('old-leases', 93), NEVER, UNKNOWN);
    expect(await line.run('status')).toBe(0);
    const [, below = ''] = line.output.split('LEASE AUTHORITY');
    expect(line.output.indexOf('vector-store')).toBeLessThan(line.output.indexOf('LEASE AUTHORITY'));
    expect(below.trim().split('\n')).toEqual([
      expect.stringMatching(/^KIND +OWNER +AGE +EVERY +STATE$/),
      expect.stringMatching(/^fresh-leases +postgres +data-platform +30 d +90 d +next value due in 60 d$/),
      expect.stringMatching(/^old-leases +postgres +data-platform +93 d +90 d +overdue, was due 3 d ago$/),
      expect.stringMatching(/^new-leases +openai +agents-team +– +90 d +never supplied$/),
      expect.stringMatching(/^lost-leases +openai +agents-team +– +90 d +of unknown age$/),
      '',
      'Older than supplyEvery allows: old-leases',
      '  lockstep supply old-leases',
      'new-leases: never supplied, nothing is leased by it',
      '  lockstep supply new-leases',
      'lost-leases: how old its value is cannot be told: VAULT_REFUSED: no right to list versions',
    ]);
  });

  it('is shown in full by its name', async () => {
    shows(anAuthority('fresh-leases', 30), anAuthority('old-leases', 93));
    await line.run('status old-leases');
    expect(line.output).toBe(
      [
        'old-leases  lease authority of kind postgres, owned by data-platform, in local',
        '',
        'state     overdue, was due 3 d ago',
        'value     put 2026-08-23 12:00:00 UTC (93 d ago)',
        'supplied  every 90 d',
        'next      due 2026-11-21 12:00:00 UTC (3 d ago)',
        '',
        'What you may do:',
        '  lockstep supply old-leases',
        '',
      ].join('\n'),
    );
  });

  it('is left out where something else was asked for', async () => {
    shows(anAuthority('fresh-leases', 30), anAuthority('old-leases', 93), NEVER, UNKNOWN);
    const shown = async (words: string): Promise<unknown> => {
      await line.run(`${words} --json`);
      const { leaseAuthorities = [] } = line.json;
      return (leaseAuthorities as readonly AuthorityStatus[]).map(({ name }) => name);
    };
    expect(await shown('status')).toHaveLength(4);
    expect(await shown('status --overdue')).toEqual(['old-leases', 'lost-leases']);
    expect(await shown('status --waiting')).toEqual([]);
    await line.run('status --overdue');
    expect(line.output).toContain('old-leases');
    expect(line.output).not.toContain('CREDENTIAL ');
  });
});

describe('an order to a lease authority, as if it rotated', () => {
  it('is told what does it instead', async () => {
    shows(anAuthority('rag-db-leases', 30));
    line.pipeline.orderAnswer = new LockstepError('UNKNOWN_CREDENTIAL', 'no credential of that name');
    expect(await line.run("revoke rag-db-leases --breach --reason 'in a log'")).not.toBe(0);
    expect(line.errors).toContain('rag-db-leases is a lease authority');
    expect(line.errors).toContain('lockstep revoke-leases authority rag-db-leases');
  });
});
