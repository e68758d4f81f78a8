import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aWorkspace } from '../contracts/inventory/a-workspace.ts';
import { accessWith } from '../contracts/inventory/access/an-access-workspace.ts';
import { CommandLine } from './a-command-line.ts';
import { SOUND } from './sound-policies.ts';

let line: CommandLine;
let folder: string;
beforeEach(() => {
  line = new CommandLine();
  line.workspace = accessWith({});
  folder = mkdtempSync(join(tmpdir(), 'lockstep-policies-'));
  mkdirSync(join(folder, 'policies'));
  write(SOUND);
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string): void => writeFileSync(join(folder, 'policies', 'all.cedar'), text);
const run = (words: string): Promise<number> => line.runWords([...words.split(' '), '--folder', folder]);

describe('the digests of policy check', { timeout: 60_000 }, () => {
  it('says by which digests the audit names what decides, for each environment', async () => {
    const digests = async (words: string): Promise<unknown> => {
      await run(`${words} --json`);
      return line.json['digests'];
    };
    const before = await digests('policy check');
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(before).toEqual({
      policies: digest,
      inventories: { local: digest, staging: digest, production: digest },
    });
    write(`${SOUND}// one comment more\n`);
    expect(await digests('policy check --stage staging')).toEqual({
      policies: (before as { readonly policies: string }).policies,
      inventories: { staging: digest },
    });
    write(SOUND.replace('context.ttl <= resource.maximum', 'context.ttl < resource.maximum'));
    expect(await digests('policy check')).not.toMatchObject({
      policies: (before as { readonly policies: string }).policies,
    });
  });
});

describe('policy check', { timeout: 60_000 }, () => {
  it('says that sound policies are sound, and for which environments', async () => {
    expect(await run('policy check')).toBe(0);
    expect(line.output).toBe('The policies are sound: 5, for local, staging, production.\n');
    expect(line.pipeline.orders).toEqual([]);
  });

  it('exits 2 and names every problem', async () => {
    write(SOUND.replace('"on-call", action ==', '"on-cal", action =='));
    expect(await run('policy check --stage staging --json')).toBe(2);
    expect(line.json).toMatchObject({ ok: false, environments: ['staging'], policies: 5 });
    expect(line.json['problems']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: 'policies/all.cedar: glass',
          mend: expect.stringContaining('on-call'),
        }),
      ]),
    );
    expect(await run('policy check --stage staging')).toBe(2);
    expect(line.output).toContain('The policy set has');
  });

  it('exits 2 where a policy cannot be read, and where there is none though something can be leased', async () => {
    write('@id("broken") permit (');
    expect(await run('policy check')).toBe(2);
    expect(line.output).toContain('policies/all.cedar:1');
    rmSync(join(folder, 'policies'), { recursive: true });
    expect(await run('policy check --json')).toBe(2);
    expect(line.json['problems']).toMatchObject([{ path: 'policies', found: 'no policy' }]);
  });
});

describe('policy check, of a workspace', { timeout: 60_000 }, () => {
  it('asks for no policies where nothing can be leased', async () => {
    line.workspace = aWorkspace();
    rmSync(join(folder, 'policies'), { recursive: true });
    expect(await run('policy check')).toBe(0);
    expect(line.output).toContain('Nothing can be leased here');
  });

  it('exits 2 where the inventory is wrong, and where the stage is none', async () => {
    expect(await run('policy check --stage stagin')).toBe(2);
    expect(line.errors).toContain('did you mean staging?');
    line.workspace = accessWith({ 'leases.model-session.ttl': undefined, 'purposes.answer.meaning': 7 });
    expect(await run('policy check')).toBe(2);
    expect(line.errors).toContain('purposes.answer.meaning');
  });
});

describe('who-can', () => {
  it('lists whoever may, for which purpose, and what has to hold', async () => {
    expect(await run('who-can lease model-session --stage staging --json')).toBe(0);
    expect(line.json).toEqual({
      environment: 'staging',
      action: 'lease',
      resource: 'model-session',
      lines: [
        {
          asker: 'workload:api',
          action: 'lease',
          resource: { type: 'Leasable', id: 'model-session' },
          purpose: 'repair',
          breakGlass: false,
          outcome: 'depends',
          needs: ['context.ttl <= duration("1800s")'],
          policies: ['lease'],
        },
        expect.objectContaining({
          asker: 'agent:bot for role:engineers',
          purpose: 'answer',
          needs: ['context.ttl <= duration("1800s")'],
        }),
        expect.objectContaining({
          asker: 'role:on-call',
          purpose: 'repair',
          breakGlass: true,
          needs: ['context.mfa'],
          policies: ['glass'],
        }),
        expect.objectContaining({ asker: 'role:engineers', purpose: 'answer' }),
      ],
    });
  });

  it('tells the same as a table', async () => {
    expect(await run('who-can lease model-session --stage staging')).toBe(0);
    expect(line.output).toMatch(/^role:on-call +repair, breaking the glass +context\.mfa +glass$/m);
  });

  it('says that nobody may', async () => {
    expect(await run('who-can import model')).toBe(0);
    expect(line.output).toBe('local: who may import model: nobody, nothing\n');
  });

  it('exits 2 for an action or a credential that there is not, and suggests what there is', async () => {
    expect(await run('who-can leas model-session')).toBe(2);
    expect(line.errors).toContain('did you mean lease?');
    expect(await run('who-can lease model-sesion')).toBe(2);
    expect(line.errors).toContain('did you mean model-session?');
    expect(line.errors).not.toContain('model-sesion');
  });
});

describe('who-can, misunderstood', () => {
  it('says of what is not asked about so what it is, and what stands for it', async () => {
    expect(await run('who-can lease model')).toBe(2);
    expect(line.errors).toContain('model is a credential; what stands for it: model-session');
    expect(await run('policy explain api lease model')).toBe(2);
    expect(line.errors).toContain('what stands for it: model-session');
    expect(await run('who-can lease model-admin')).toBe(2);
    expect(line.errors).toContain('model-admin is a credential, and no lease stands for it');
    expect(await run('who-can read model-session')).toBe(2);
    expect(line.errors).toContain('model-session is something that can be leased');
    expect(await run('who-can rotate model-leases')).toBe(2);
    expect(line.errors).toContain('there is no order to rotate it');
  });

  it('lists no renewal that its target has not', async () => {
    expect(await run('who-can renew model-session')).toBe(0);
    expect(line.output).toContain('who may renew model-session: nobody, nothing');
  });

  it('needs a stage where the file has no embedded world', async () => {
    line.workspace = accessWith({ 'environments.local': undefined });
    expect(await run('who-can lease model-session')).toBe(2);
    expect(line.errors).toContain('say which one is meant with --stage: staging, production');
  });
});

describe('at a terminal', () => {
  it('fits a terminal of 80 columns, and is one line a row for what reads on', async () => {
    [line.isTerminal, line.columns] = [true, 80];
    line.variables = { NO_COLOR: '1', TERM: 'xterm' };
    for (const words of [
      'who-can lease model-session',
      'what-can role:on-call',
      'policy explain role:on-call lease model-session',
    ]) {
      expect(await run(`${words} --stage staging`)).toBe(0);
      const [, ...table] = line.output.split('\n');
      expect(Math.max(...table.map((each) => each.length))).toBeLessThanOrEqual(80);
    }
    expect(line.output).toMatch(/^ {2}FILE +policies\/all\.cedar$/m);
  });
});

describe('what-can', () => {
  it('lists what a principal may do, by its whole name or by its name alone', async () => {
    expect(await run('what-can workload:api --stage staging --json')).toBe(0);
    const whole = line.json['lines'] as readonly { readonly action: string }[];
    expect(new Set(whole.map(({ action }) => action))).toEqual(new Set(['lease', 'read']));
    expect(await run('what-can api --stage staging --json')).toBe(0);
    expect(line.json['lines']).toEqual(whole);
  });

  it('exits 2 for a principal that there is not, and suggests what there is', async () => {
    expect(await run('what-can workload:ap')).toBe(2);
    expect(line.errors).toContain('did you mean workload:api?');
    expect(await run('what-can zzzzzzzz')).toBe(2);
    expect(line.errors).toContain('workload:api');
    expect(line.errors).not.toContain('zzzzzzzz');
  });
});

describe('inventory check', { timeout: 60_000 }, () => {
  it('names what is wrong with the policies, once the inventory is sound', async () => {
    // The embedded world lacks the programs of these workloads.
    line.workspace = accessWith({ 'environments.local': undefined });
    write(SOUND.replace('"on-call", action ==', '"on-cal", action =='));
    expect(await run('inventory check --json')).toBe(2);
    expect(line.json['problems']).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'policies/all.cedar: glass' })]),
    );
    line.workspace = accessWith({ 'environments.local': undefined, 'purposes.answer.meaning': 7 });
    expect(await run('inventory check --json')).toBe(2);
    expect(line.json['problems']).toMatchObject([{ path: 'purposes.answer.meaning' }]);
  });
});
