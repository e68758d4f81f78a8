import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { aRotation, aStatus, NOW } from './a-connection.ts';
import { CommandLine } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
});

const held = { by: 'alice', reason: 'INC-7', since: '2026-11-24T11:50:00.000Z' };
const waiting = aRotation({
  phase: 'adopting',
  promotedAt: '2026-11-24T11:58:00.000Z',
  adopted: [{ dependent: 'rag-api', by: 'acknowledgement', at: '2026-11-24T11:58:01.000Z' }],
  missing: [{ dependent: 'embedder', told: 'told at 2026-11-24T11:58:01.000Z' }],
  next: 'waits for embedder until 2026-11-24T12:00:40.000Z',
});

describe('status', () => {
  it('shows how everything stands, in aligned columns', async () => {
    line.pipeline.credentials = [
      aStatus('vector-store'),
      aStatus('a-much-longer-name', { ageSeconds: 40, kind: 'random' }),
    ];
    expect(await line.run('status')).toBe(0);

    const rows = line.output.split('\n').slice(2, 5);
    expect(rows[0]).toMatch(/^CREDENTIAL +KIND +OWNER +AGE +EVERY +STATE$/);
    const columns = rows.map((row) => row.search(/retrieval-team|OWNER/));
    expect(new Set(columns).size).toBe(1);
    expect(rows[1]).toMatch(/^vector-store +postgres +retrieval-team +60 min +24 h +rotated$/);
    expect(line.output).toContain('2026-11-24 12:00:00 UTC · audit sealed 4 s ago · dead letters 0');
  });

  it('says what somebody has to do, with the commands for it', async () => {
    line.pipeline.credentials = [
      aStatus('fine'),
      aStatus('new', { adopted: false }),
      aStatus('held', { hold: held, rotation: waiting }),
      aStatus('failing', {
        rotation: aRotation({
          phase: 'failed',
          failure:
            'setSecret failed 3 time(s), last 2026-11-24T11:59:50.000Z: TARGET_LACKS_GRANT: role x lacks CREATEROLE',
        }),
      }),
      aStatus('late-1', { overdue: true }),
      aStatus('late-2', { overdue: true }),
    ];
    await line.run('status');
    const todo = line.output.slice(line.output.indexOf('\nnew: '));
    expect(todo.trim().split('\n')).toEqual([
      'new: not adopted',
      '  lockstep adopt new',
      'held: held by alice: INC-7',
      "  lockstep force held --dependent embedder --reason '…'",
      "  lockstep roll-back held --reason '…'",
      "  lockstep release held --reason '…'",
      'failing: setSecret failed 3 time(s), last 2026-11-24 11:59:50 UTC (10 s ago): TARGET_LACKS_GRANT: role x lacks CREATEROLE',
      '  lockstep inventory check',
      '',
      'Older than their cadence allows: late-1, late-2',
      "  lockstep rotate late-1 --reason '…'",
    ]);
  });
});

describe('status of the whole', () => {
  it('says what is wrong with no credential in particular', async () => {
    line.pipeline.answers = {
      status: { environment: 'local', at: NOW, credentials: [], deadLetters: 2, sealAgeSeconds: 301 },
    };
    await line.run('status');
    expect(line.output).toContain("  lockstep redrive --reason '…'");
    expect(line.output).toContain('  lockstep audit verify');
    line.pipeline.answers = {
      status: { environment: 'local', at: NOW, credentials: [], deadLetters: 0, sealAgeSeconds: 300 },
    };
    await line.run('status');
    expect(line.output).not.toContain('redrive');
    expect(line.output).not.toContain('audit verify');
  });
});

describe('status of some', () => {
  it('shows one credential in full, with the instants of a sentence as a person reads them', async () => {
    line.pipeline.credentials = [aStatus('vector-store', { rotation: waiting, hold: held })];
    await line.run('status vector-store');
    for (const says of [
      'vector-store  postgres, two-slot, owned by retrieval-team, in local',
      'rag_a, version 5f0c7b1e-0000-8000-8000-000000000001, since 2026-11-24 11:00:00 UTC (60 min ago)',
      'by alice since 2026-11-24 11:50:00 UTC (10 min ago): INC-7',
      'rag-api, by acknowledgement, 2026-11-24 11:58:01 UTC (119 s ago)',
      'embedder: told at 2026-11-24 11:58:01 UTC (119 s ago)',
      'waits for embedder until 2026-11-24 12:00:40 UTC (in 40 s)',
    ])
      expect(line.output).toContain(says);
  });

  it('leaves out what was not asked for', async () => {
    line.pipeline.credentials = [
      aStatus('fine'),
      aStatus('late', { overdue: true }),
      aStatus('held', { hold: held }),
      aStatus('slow', { rotation: waiting }),
      aStatus('seen', { rotation: aRotation({ phase: 'adopting', inUse: 'one session on rag_b' }) }),
    ];
    const shown = async (words: string): Promise<unknown> => {
      await line.run(`${words} --json`);
      return (line.json['credentials'] as readonly { readonly name: string }[]).map(({ name }) => name);
    };
    expect(await shown('status')).toEqual(['fine', 'late', 'held', 'slow', 'seen']);
    expect(await shown('status --overdue')).toEqual(['late']);
    expect(await shown('status --waiting')).toEqual(['held', 'slow', 'seen']);
    expect(await shown('status --waiting --overdue')).toEqual([]);
    await line.run('status --overdue --waiting');
    expect(line.output).toBe('Nothing is both overdue and waiting.\n');
  });

  it.each([
    ['requested', 'requested'],
    ['abandoned', 'last rotation given up'],
    ['rolled-back', 'rolled back'],
    ['failed', 'a step failed, tried again'],
  ] as const)('has words for every phase: %s', async (phase, words) => {
    line.pipeline.credentials = [aStatus('vector-store', { rotation: aRotation({ phase }) })];
    await line.run('status');
    expect(line.output).toContain(words);
  });

  it('says that nothing rotates, where only files were reached', async () => {
    line.pipeline.via = 'files';
    await line.run('status');
    expect(line.errors).toContain('nothing rotates until npm start');
    await line.run('status --json');
    expect(line.errors).toBe('');
  });
});

describe('colour', () => {
  const coloured = async (): Promise<boolean> => {
    await line.run('status');
    return line.output !== stripVTControlCharacters(line.output);
  };

  it('is for terminals that show it and people who want it', async () => {
    line.pipeline.credentials = [aStatus('vector-store', { overdue: true })];
    expect(await coloured()).toBe(false);
    line.isTerminal = true;
    expect(await coloured()).toBe(true);
    line.variables = { NO_COLOR: '1', TERM: 'xterm' };
    expect(await coloured()).toBe(false);
    line.variables = { NO_COLOR: '', TERM: 'dumb' };
    expect(await coloured()).toBe(false);
  });

  it('changes no column', async () => {
    line.pipeline.credentials = [aStatus('vector-store', { overdue: true }), aStatus('b')];
    await line.run('status');
    const plain = line.output;
    line.isTerminal = true;
    await line.run('status');
    expect(stripVTControlCharacters(line.output)).toBe(plain);
  });
});

describe('what others wrote', () => {
  it('moves no cursor and hides nothing', async () => {
    line.isTerminal = true;
    const reason = 'all is well\r\u001b[1A\u001b[2K\u202eevil';
    line.pipeline.credentials = [aStatus('vector-store', { hold: { ...held, reason } })];
    await line.run('status');
    expect(line.output).not.toContain('\u001b[1A');
    expect(line.output).not.toContain('\r');
    expect(line.output).toContain('all is well??[1A?[2K?evil');
    await line.run('status vector-store');
    expect(line.output).not.toContain('\u001b[1A');
  });
});

describe('status --watch', () => {
  const PAGE = [
    '# TYPE lockstep_heartbeat_reads counter',
    'lockstep_heartbeat_reads_total{environment="local"} 39',
    'lockstep_access_records_total{outcome="served",environment="local"} 1318',
    'lockstep_access_records_total{environment="local",outcome="refused"} 2',
    '# EOF',
  ].join('\n');

  it('counts what the watch has seen, where a runtime counts', async () => {
    line.metrics = PAGE;
    expect(await line.run('status --watch')).toBe(0);
    expect(line.output).toMatch(/heartbeat reads seen +39\n/);
    expect(line.output).toContain('1318 served, 2 refused');
    await line.run('status --watch --json');
    expect(line.json).toMatchObject({
      heartbeatsSeen: 39,
      records: { served: 1318, refused: 2 },
      findings: 0,
    });
  });

  it('says that the watch is blind when no heartbeat came through', async () => {
    line.metrics = PAGE.replace(' 39', ' 0');
    await line.run('status --watch');
    expect(line.output).toContain('none: the watch is blind');
  });

  it('names the parts of the way on AWS, in order, and asks nobody but report', async () => {
    line.pipeline.via = 'aws';
    line.metrics = PAGE;
    line.pipeline.answers = {
      status: { environment: 'production', at: NOW, credentials: [], deadLetters: 0 },
    };
    await line.run('status --watch --stage production');
    for (const part of [
      'CloudTrail',
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      'lockstep-production-detect-access-dead-letters',
      'lockstep_heartbeat_reads',
    ])
      expect(line.output).toContain(part);
    expect(line.output).toContain('not counted here');
    expect(line.pipeline.queries.map(({ query }) => query).sort()).toEqual(['findings', 'status']);
  });
});
