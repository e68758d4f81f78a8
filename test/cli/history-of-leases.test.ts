import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../lambdas/core/audit/record.ts';
import { CommandLine } from './a-command-line.ts';
import { at, entry, withRecords } from './an-audit.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

const LEASED: Partial<AuditEntry> = {
  type: 'outcome',
  action: 'lease',
  who: {
    kind: 'agent',
    name: 'research-agent',
    via: 'grant-lease',
    principal: 'arn:aws:iam::222222222222:role/research-agent',
    session: 'run-4711',
    source: '192.0.2.7',
    actingFor: { name: 'ada', principal: 'https://id.example|ada', secondFactor: 'proved' },
  },
  what: {
    credential: 'vector-reader',
    lease: '0123456789abcdefghjkmnpqrs',
    actingFor: 'person:ada',
    ttlSeconds: '900',
    until: '2026-11-24T11:16:00.000Z',
  },
  why: {
    cause: 'lease',
    purpose: 'answer-questions',
    policies: ['agents-read', 'team-leases-its-own'],
    answers: [
      { of: 'caller', says: 'allowed', policies: ['agents-read'] },
      { of: 'acting-for', says: 'allowed', policies: ['team-leases-its-own'] },
    ],
  },
  result: { outcome: 'done', note: 'made as lockstep_l_0123456789abcdefghjkmnpqrs' },
};

const REFUSED = (leasable: string): Partial<AuditEntry> => ({
  type: 'refusal',
  action: 'lease',
  who: { kind: 'workload', name: 'embedder' },
  what: { credential: leasable },
  why: { cause: 'lease', reason: `${leasable} is not for this caller`, policies: ['not-at-night'] },
  result: { outcome: 'refused', code: 'POLICY_DENIED' },
});

describe('history of leases', () => {
  it('says which lease or approval, for whom and what for', async () => {
    const what = { credential: 'vector-store', lease: 'l-1', approval: 'a-1', actingFor: 'person:ada' };
    const why = { cause: 'lease', purpose: 'investigate' } as const;
    withRecords(line, { 'vector-store': [entry('vector-store', at(1), { action: 'lease', what, why })] });
    await line.run('history vector-store');
    expect(line.output).toContain('    lease l-1, approval a-1, for person:ada, to investigate\n');
  });

  it('says below each row what is needed at night, in 80 columns', async () => {
    withRecords(line, { 'vector-reader': [entry('vector-reader', at(1), LEASED)] });
    await line.run('history vector-reader');
    expect(line.output.trimEnd().split('\n').slice(1)).toEqual([
      '2026-11-24 11:01:00 UTC  vector-reader  1  lease  done',
      '    agent research-agent, as arn:aws:iam::222222222222:role/research-agent,',
      '    session run-4711, from 192.0.2.7',
      '    lease 0123456789abcdefghjkmnpqrs, for person:ada, to answer-questions, for',
      '    900 s, until 2026-11-24 11:16:00 UTC',
      '    caller allowed by agents-read; person behind it allowed by',
      '    team-leases-its-own',
      '    made as lockstep_l_0123456789abcdefghjkmnpqrs',
    ]);
    for (const row of line.output.split('\n')) expect(row.length).toBeLessThanOrEqual(80);
  });

  it('shows the end that a target made of it, and what orders say', async () => {
    const result = { outcome: 'done', until: '2026-11-24T11:06:00.000Z' } as const;
    const order = { cause: 'lease', reason: 'agent helper: taken over' } as const;
    withRecords(line, {
      'vector-reader': [entry('vector-reader', at(1), { ...LEASED, result })],
      operations: [
        entry('operations', at(2), {
          action: 'revoke-leases',
          what: { credential: 'operations' },
          why: order,
        }),
      ],
    });
    await line.run('history vector-reader');
    expect(line.output.replaceAll(/\s+/g, ' ')).toContain('for 900 s, until 2026-11-24 11:06:00 UTC');
    await line.run('history operations');
    expect(line.output).toMatch(
      /revoke-leases +decision\n {4}operator alice\n {4}“agent helper: taken over”\n$/,
    );
  });
});

describe('refusals of leases', () => {
  it('are among the refusals of what was asked for, and of everything', async () => {
    withRecords(line, {
      'vector-reader': [entry('vector-reader', at(1), LEASED)],
      '*access': [
        entry('*access', at(7), REFUSED('vector-reader')),
        entry('*access', at(8), REFUSED('payroll')),
      ],
    });
    await line.run('history vector-reader --refusals');
    expect(line.output).toMatch(
      /vector-reader +workload:embedder \(lease\) +POLICY_DENIED +lease: vector-reader is not for this caller \(policies not-at-night\)/,
    );
    expect(line.output).not.toContain('payroll');
    await line.run('history --refusals');
    expect(line.output.indexOf('vector-reader is not')).toBeLessThan(line.output.indexOf('payroll is not'));
    await line.run('history vector-reader --refusals --json');
    expect(line.json['refusals']).toContainEqual(
      expect.objectContaining({ credential: 'vector-reader', cause: 'lease', code: 'POLICY_DENIED' }),
    );
  });

  it('are in the history of everything, without what was refused', async () => {
    withRecords(line, {
      'vector-reader': [entry('vector-reader', at(1), LEASED)],
      '*access': [entry('*access', at(7), REFUSED('payroll'))],
    });
    await line.run('history');
    expect(line.output).toContain('vector-reader');
    expect(line.output).not.toContain('payroll');
  });
});
