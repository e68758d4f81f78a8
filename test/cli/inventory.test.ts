import { beforeEach, describe, expect, it } from 'vitest';
import example from '../../lockstep.config.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { aRotation, aStatus } from './a-connection.ts';
import { CommandLine } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
  line.workspace = example;
});

const report = (parts: object) => ({
  environment: 'local',
  digest: '0'.repeat(64),
  credentials: [
    {
      name: 'vector-store',
      kind: 'postgres',
      owner: 'retrieval-team',
      secret: 'lockstep/local/vector-store',
      inVault: true,
      hasValue: true,
      adopted: true,
      drift: [] as readonly string[],
      ...parts,
    },
  ],
  undeclared: [] as readonly string[],
});

describe('inventory drift', () => {
  it('exits 0 where there is none', async () => {
    line.pipeline.answers = { inventory: report({}) };
    expect(await line.run('inventory drift')).toBe(0);
    expect(line.output).toContain('no drift');
  });

  it.each([
    [report({ inVault: false }), 'vector-store', 'the vault has no secret lockstep/local/vector-store'],
    [
      report({ drift: ['AWSCURRENT is on another version'] }),
      'vector-store',
      'AWSCURRENT is on another version',
    ],
    [
      { ...report({}), undeclared: ['lockstep/local/old'] },
      'lockstep/local/old',
      'no credential declares it',
    ],
  ])('exits 5 and names the difference, either way: %#', async (inventory, subject, what) => {
    line.pipeline.answers = { inventory };
    expect(await line.run('inventory drift')).toBe(5);
    expect(line.output).toContain(what);
    expect(await line.run('inventory drift --json')).toBe(5);
    expect(line.json['drift']).toMatchObject([{ subject }]);
  });

  it('of one credential tells nothing of others', async () => {
    line.pipeline.answers = { inventory: { ...report({}), undeclared: ['lockstep/local/old'] } };
    expect(await line.run('inventory drift vector-store')).toBe(0);
  });

  it('does not call what is yet to be adopted drift', async () => {
    line.pipeline.answers = { inventory: report({ hasValue: false, adopted: false }) };
    expect(await line.run('inventory drift')).toBe(0);
    expect(await line.run('inventory list')).toBe(0);
    expect(line.output).toContain('  lockstep adopt vector-store');
  });
});

describe('inventory check', () => {
  it('finds the example sound, and prints what its database servers need', async () => {
    expect(await line.run('inventory check')).toBe(0);
    expect(line.output).toContain('The inventory is sound: local, staging, production.');
    expect(line.output).toContain(
      '-- vector-store in staging: to run once, as an administrator of rag-db.staging.example.com:5432',
    );
    expect(line.output).toContain('GRANT "rag_a" TO "lockstep_admin" WITH ADMIN OPTION;');
    expect(await line.run('inventory check --stage production')).toBe(0);
    expect(line.output).not.toContain('staging:');
  });

  it('names all problems of all environments, touches nothing and exits 2', async () => {
    line.workspace = {
      ...example,
      owners: {},
      credentials: { ...example.credentials, 'Not A Name': { kind: 'random' } },
    };
    expect(await line.run('inventory check')).toBe(2);
    expect(line.output).toMatch(/^The inventory has [1-9]\d* problems\./);
    expect(line.output).toContain('credentials.vector-store.owner');
    expect(line.output).toContain('mend:');
    expect(await line.run('inventory check --json')).toBe(2);
    expect((line.json['problems'] as readonly unknown[]).length).toBeGreaterThan(3);
    expect(line.json).toMatchObject({ ok: false, sql: [] });
    expect(line.places).toEqual([]);
  });

  it('opens no files to ask what targets lack, and says that nobody could be asked', async () => {
    line.unreachable = new LockstepError('NOTHING_REACHABLE', 'no runtime works on /workspace/.lockstep');
    expect(await line.run('inventory check')).toBe(0);
    expect(line.places).toEqual([{ folder: '/workspace', onlyRunning: true }]);
    expect(line.errors).toContain('no runtime works on /workspace/.lockstep');
    expect(line.errors).toContain('--stage');
    await line.run('inventory check --json');
    expect(line.json).not.toHaveProperty('missingRights');
  });

  it('prints the SQL that grants what a target has missed', async () => {
    const failure =
      'setSecret failed 2 time(s), last 2026-11-24T11:59:50.000Z: TARGET_LACKS_GRANT: role lockstep_admin lacks ADMIN OPTION to ' +
      'change role rag_a; as an administrator run: GRANT "rag_a" TO "lockstep_admin" WITH ADMIN OPTION;';
    line.pipeline.credentials = [
      aStatus('vector-store', { rotation: aRotation({ phase: 'failed', failure }) }),
    ];
    expect(await line.run('inventory check')).toBe(0);
    expect(line.output).toContain('Targets have refused for want of a right:');
    expect(line.output).toContain('run: GRANT "rag_a" TO "lockstep_admin" WITH ADMIN OPTION;');
    await line.run('inventory check --json');
    expect(line.json['missingRights']).toMatchObject([{ credential: 'vector-store' }]);
  });

  it('says nothing of what stands where a secret was pasted', async () => {
    const pasted = `sk-${'fake0'.repeat(8)}`;
    line.workspace = {
      ...example,
      credentials: { ...example.credentials, [pasted]: { kind: 'random', secret: pasted } },
    };
    expect(await line.run('inventory check')).toBe(2);
    expect(line.said).not.toContain(pasted);
    await line.run('inventory check --json');
    expect(line.said).not.toContain(pasted);
  });
});
