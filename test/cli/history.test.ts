import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../lambdas/core/audit/record.ts';
import type { Finding } from '../../lambdas/core/watch/finding.ts';
import { aStatus } from './a-connection.ts';
import { CommandLine } from './a-command-line.ts';
import { at, entry, withRecords } from './an-audit.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

describe('history', () => {
  it('shows what happened to a credential, the newest at the end', async () => {
    withRecords(line, {
      'vector-store': [
        entry('vector-store', at(1)),
        entry('vector-store', at(2), {
          type: 'outcome',
          action: 'revoke',
          who: { kind: 'function', name: 'target-postgres' },
          what: {
            credential: 'vector-store',
            rotation: '5f0c7b1e-0000-8000-8000-000000000001',
            key: 'rag_b',
          },
          why: { cause: 'cadence' },
          result: { outcome: 'failed', code: 'TARGET_UNREACHABLE' },
        }),
      ],
    });
    expect(await line.run('history vector-store')).toBe(0);
    const rows = line.output.trim().split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(
      /^2026-11-24 11:01:00 UTC +vector-store +1 +hold +decision +alice via operate +operator, “INC-7”$/,
    );
    expect(rows[2]).toMatch(
      /revoke +failed TARGET_UNREACHABLE +target-postgres +cadence, rotation 5f0c7b1e, rag_b$/,
    );
  });

  it('without a name shows the last of all chains, those of no credential included', async () => {
    line.pipeline.credentials = [aStatus('a'), aStatus('b')];
    withRecords(line, {
      a: [entry('a', at(1)), entry('a', at(4))],
      b: [entry('b', at(3))],
      operations: [entry('operations', at(2))],
      '*': [entry('*', at(6), { type: 'finding', action: 'finding' })],
    });
    await line.run('history --last 4 --json');
    const records = line.json['records'] as readonly { readonly entry: AuditEntry }[];
    expect(records.map(({ entry: { chain } }) => chain)).toEqual(['operations', 'b', 'a', '*']);
    // Every chain is asked for no more than is shown.
    const asked = line.pipeline.queries.flatMap((query) => (query.query === 'history' ? [query.limit] : []));
    expect(asked).toEqual([4, 4, 4, 4]);
  });

  it('shows refusals with their reasons where asked', async () => {
    withRecords(line, { 'vector-store': [entry('vector-store', at(1))] });
    await line.run('history vector-store --refusals');
    expect(line.output).toContain('2026-11-24 11:05:00 UTC (55 min ago)');
    expect(line.output).toMatch(/vector-store +cadence +HELD +vector-store is held/);
    await line.run('history vector-store --json');
    expect(line.json).toMatchObject({
      credential: 'vector-store',
      refusals: [{ credential: 'vector-store', code: 'HELD' }],
    });
  });

  it('of a quiet credential says so', async () => {
    await line.run('history fresh-key');
    expect(line.output).toContain('no record of it yet');
  });
});

describe('history --findings', () => {
  const finding = (id: string, minute: number): Finding => ({
    id,
    rule: 'unbound-read',
    severity: 'high',
    credential: 'vector-store',
    principal: 'embedded:mallory',
    reasons: ['Who: embedded:mallory.', 'Odd: it is not bound.'],
    eventIds: ['event'],
    at: at(minute),
  });

  it('shows findings with their reasons, the newest at the end', async () => {
    // given a report, which has the newest first
    line.pipeline.answers = {
      findings: { findings: [finding('third', 3), finding('second', 2), finding('first', 1)] },
    };
    await line.run('history --findings --last 2');
    expect(line.output.indexOf('Finding second')).toBeLessThan(line.output.indexOf('Finding third'));
    expect(line.output).not.toContain('Finding first');
    expect(line.output).toContain('high: unbound-read  vector-store  2026-11-24 11:03:00 UTC (57 min ago)');
    expect(line.output).toContain('  Odd: it is not bound.');
  });

  it('says so when there is none', async () => {
    await line.run('history --findings');
    expect(line.output).toBe('The watch has found nothing out of character.\n');
  });
});

describe('audit verify', () => {
  it('exits 0 only for an audit that verifies under at least one signed head', async () => {
    expect(await line.run('audit verify')).toBe(0);
    expect(line.output).toContain('The audit verifies.');

    const report = { ok: false, chains: 1, records: 2, heads: 0, unsealed: 2, faults: [] };
    line.pipeline.answers = { 'audit-verify': report };
    expect(await line.run('audit verify')).toBe(4);
    expect(line.output).toContain('never been sealed');
  });

  it('names every fault and exits 4', async () => {
    const faults = [
      {
        kind: 'edited-record',
        chain: 'vector-store',
        sequence: 7,
        detail: 'its content does not have the hash it carries',
      },
    ] as const;
    line.pipeline.answers = {
      'audit-verify': { ok: false, chains: 1, records: 9, heads: 3, unsealed: 0, faults },
    };
    expect(await line.run('audit verify')).toBe(4);
    expect(line.output).toMatch(/edited-record +vector-store +7 +– +its content/);
    expect(await line.run('audit verify --json')).toBe(4);
    expect(line.json).toMatchObject({ ok: false, faults });
  });
});
