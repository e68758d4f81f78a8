import { beforeEach, describe, expect, it } from 'vitest';
import example from '../../lockstep.config.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { aRotation, aStatus } from './a-connection.ts';
import { CommandLine, EXAMPLE_FOLDER } from './a-command-line.ts';

let line: CommandLine;
beforeEach(() => {
  line = new CommandLine();
  line.workspace = example;
  line.workingFolder = EXAMPLE_FOLDER;
});

/** What works has one credential; the file is another matter. */
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
  beforeEach(() => {
    line.workspace = aFileWith('vector-store', 'rag-db-admin');
    line.pipeline.answers = { inventory: everything() };
  });

  it('exits 0 where there is none', async () => {
    expect(await line.run('inventory drift')).toBe(0);
    expect(line.output).toContain('no drift');
    expect(line.errors).toBe('');
  });

  it.each([
    [{ inVault: false }, 'vector-store', 'the vault has no secret lockstep/local/vector-store'],
    [{ drift: ['AWSCURRENT is on another version'] }, 'vector-store', 'AWSCURRENT is on another version'],
  ])('exits 5 and names the difference: %#', async (parts, subject, what) => {
    line.pipeline.answers = { inventory: everything(parts) };
    expect(await line.run('inventory drift')).toBe(5);
    expect(line.output).toContain(what);
    expect(await line.run('inventory drift --json')).toBe(5);
    expect(line.json['drift']).toMatchObject([{ subject }]);
  });

  it('names what is in the vault and not declared', async () => {
    line.pipeline.answers = { inventory: { ...everything(), undeclared: ['lockstep/local/old'] } };
    expect(await line.run('inventory drift')).toBe(5);
    expect(line.output).toContain('lockstep/local/old');
    expect(line.output).toContain('no credential declares it');
  });

  it('names what the file declares and the runtime that works does not know, and the reverse', async () => {
    line.workspace = aFileWith('rag-db-admin', 'openai-admin');
    expect(await line.run('inventory drift --json')).toBe(5);
    expect(line.json['drift']).toEqual([
      {
        subject: 'openai-admin',
        what: expect.stringContaining('not in what works; start it again: npm start'),
      },
      { subject: 'vector-store', what: expect.stringContaining('no longer declared in lockstep.config.ts') },
    ]);
    expect(await line.run('inventory drift openai-admin')).toBe(5);
  });

  it('says what to do about a stage', async () => {
    line.workspace = aFileWith('rag-db-admin', 'openai-admin', 'vector-store');
    line.pipeline.answers = { inventory: { ...everything(), environment: 'staging' } };
    expect(await line.run('inventory drift --stage staging')).toBe(5);
    expect(line.output).toContain("deploy: npx cdk deploy 'staging/*'");
  });
});

describe('inventory drift of less than everything', () => {
  beforeEach(() => {
    line.workspace = aFileWith('vector-store', 'rag-db-admin');
    line.pipeline.answers = { inventory: everything() };
  });

  it('compares the vault all the same where the file cannot be compared, and says so', async () => {
    line.workspace = {};
    expect(await line.run('inventory drift')).toBe(0);
    expect(line.errors).toContain('lockstep.config.ts was not compared: it has problems');
    expect(await line.run('inventory drift --json')).toBe(0);
    expect(line.errors).toBe('');
  });

  it('of one credential tells nothing of others', async () => {
    line.pipeline.answers = { inventory: { ...everything(), undeclared: ['lockstep/local/old'] } };
    expect(await line.run('inventory drift vector-store')).toBe(0);
    expect(await line.run('inventory drift vector-stor')).toBe(2);
    expect(line.errors).toContain('did you mean vector-store?');
  });

  it('does not call what is yet to be adopted drift', async () => {
    line.pipeline.answers = { inventory: everything({ hasValue: false, adopted: false }) };
    expect(await line.run('inventory drift')).toBe(0);
    expect(await line.run('inventory list')).toBe(0);
    expect(line.output).toContain('  lockstep adopt vector-store');
  });
});

describe('inventory list', () => {
  it('has what leases are made by, and what can be leased, below the credentials', async () => {
    const declared = { kind: 'postgres', owner: 'data-platform', supplyEverySeconds: 86_400, overdue: false };
    line.pipeline.answers = {
      inventory: {
        ...everything(),
        leaseAuthorities: [
          { ...declared, name: 'rag-db-leases', supplied: true },
          { ...declared, name: 'new-leases', supplied: false },
        ],
        leasables: [
          {
            name: 'vector-reader',
            kind: 'postgres',
            owner: 'retrieval-team',
            tier: 1,
            authority: 'rag-db-leases',
          },
          { name: 'reports', kind: 'aws-session', owner: 'bi', tier: 2 },
        ],
      },
    };
    expect(await line.run('inventory list')).toBe(0);
    const [credentials = '', below = ''] = line.output.split('LEASE AUTHORITY');
    expect(credentials).toContain('vector-store');
    expect(below.trim().split('\n')).toEqual([
      expect.stringMatching(/^KIND +OWNER +VALUE$/),
      expect.stringMatching(/^rag-db-leases +postgres +data-platform +yes$/),
      expect.stringMatching(/^new-leases +postgres +data-platform +none yet$/),
      '',
      'To supply:',
      '  lockstep supply new-leases',
      '',
      expect.stringMatching(/^LEASABLE +KIND +OWNER +TIER +MADE BY +STANDS FOR$/),
      expect.stringMatching(/^vector-reader +postgres +retrieval-team +1 +rag-db-leases +–$/),
      expect.stringMatching(/^reports +aws-session +bi +2 +– +–$/),
    ]);
  });
});

/** The two credentials that the files of these tests have, one of them as it is given. */
function everything(parts: object = {}) {
  const { credentials, ...rest } = report(parts);
  const admin = { ...report({}).credentials[0], name: 'rag-db-admin', secret: 'lockstep/local/rag-db-admin' };
  return { ...rest, credentials: [...credentials, admin] } as ReturnType<typeof report>;
}

/** The example with some of its credentials; nobody depends on them. */
function aFileWith(...names: readonly string[]) {
  const credentials = Object.entries(example.credentials).filter(([name]) => names.includes(name));
  const alone = credentials.map(([name, each]) => {
    const { dependents: _, ...rest } = each as { readonly dependents?: unknown };
    return [name, rest];
  });
  // Leases stand for credentials, which may not be among these.
  const { leases: _leases, purposes: _purposes, ...rest } = example;
  return { ...rest, credentials: Object.fromEntries(alone) };
}

describe('inventory check', { timeout: 60_000 }, () => {
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
});

describe('inventory check, of local', () => {
  it('checks local as npm start will: with the programs that the embedded world has', async () => {
    line.workspace = JSON.parse(JSON.stringify(example).replaceAll('"summariser"', '"my-agent"'));
    expect(await line.run('inventory check --json')).toBe(2);
    expect(line.json['problems']).toContainEqual({
      path: 'credentials.openai-agents.dependents[0]',
      found: 'the dependent "my-agent", which is no program of the embedded world',
      allowed: 'in local: rag-api, embedder, summariser, research-agent',
      mend: expect.stringContaining('take local out of environments'),
    });
    const { local: _, ...onAws } = example.environments;
    line.workspace = { ...(line.workspace as object), environments: onAws };
    expect(await line.run('inventory check')).toBe(0);
  });

  it('checks local with the addresses that the embedded world gives: one for each service, whatever the file says', async () => {
    const hook = example.credentials['rag-api-hook'];
    line.workspace = {
      ...example,
      credentials: {
        ...example.credentials,
        'second-hook': JSON.parse(
          JSON.stringify(hook).replaceAll('rag-api-hook', 'second-hook').replaceAll('/lockstep', '/second'),
        ),
      },
    };
    expect(await line.run('inventory check')).toBe(2);
    expect(line.output).toContain('one signing key for one URL');
  });
});

describe('inventory check, of what targets lack', { timeout: 60_000 }, () => {
  it('opens no files to ask what targets lack, and says that nobody could be asked', async () => {
    line.unreachable = new LockstepError('NOTHING_REACHABLE', 'no runtime works on /workspace/.lockstep');
    expect(await line.run('inventory check')).toBe(0);
    expect(line.places).toEqual([{ folder: EXAMPLE_FOLDER, onlyRunning: true }]);
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
