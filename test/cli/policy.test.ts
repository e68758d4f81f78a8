import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aWorkspace } from '../contracts/inventory/a-workspace.ts';
import { accessWith } from '../contracts/inventory/access/an-access-workspace.ts';
import { CommandLine } from './a-command-line.ts';

const SOUND = `
@id("read") permit (principal is Lockstep::Workload, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal) };
@id("agents-read") permit (principal is Lockstep::Agent, action == Lockstep::Action::"read", resource)
  when { resource.boundTo.contains(principal.workload) };
@id("lease") permit (principal, action in [Lockstep::Action::"lease", Lockstep::Action::"renew"], resource)
  when { principal in resource.owner && context.ttl <= resource.maximum };
@id("operate") permit (principal in Lockstep::Role::"on-call",
  action in [Lockstep::Action::"rotate", Lockstep::Action::"revoke", Lockstep::Action::"approve"], resource);
@id("glass") permit (principal in Lockstep::Role::"on-call", action == Lockstep::Action::"lease", resource)
  when { context.breakGlass && context.mfa };
`;

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

describe('policy check', { timeout: 60_000 }, () => {
  it('says that sound policies are sound, and for which environments', async () => {
    expect(await run('policy check')).toBe(0);
    expect(line.output).toBe('The policies are sound: 5, for local, staging, production.\n');
    expect(line.pipeline.orders).toEqual([]);
  });

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
    // A credential is read, not leased.
    expect(await run('who-can lease model')).toBe(2);
  });

  it('needs a stage where the file has no embedded world', async () => {
    line.workspace = accessWith({ 'environments.local': undefined });
    expect(await run('who-can lease model-session')).toBe(2);
    expect(line.errors).toContain('say which one is meant with --stage: staging, production');
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

describe('policy explain', () => {
  it('says which policies decide, what each says, and what would turn the answer', async () => {
    expect(
      await run('policy explain role:on-call lease model-session --purpose repair --stage staging --json'),
    ).toBe(0);
    expect(line.json).toMatchObject({
      environment: 'staging',
      principal: 'role:on-call',
      allowed: false,
      policies: [],
      deniedBy: ['caller'],
      purposes: ['repair'],
      says: [
        {
          id: 'glass',
          file: 'policies/all.cedar',
          effect: 'permit',
          holds: 'no',
          where: ['context.breakGlass', 'context.mfa'],
        },
      ],
      changes: [
        [
          { what: 'mfa', to: true },
          { what: 'breakGlass', to: true },
        ],
      ],
    });
    expect(
      await run(
        'policy explain role:on-call lease model-session --purpose repair --stage staging --mfa --break-glass',
      ),
    ).toBe(0);
    expect(line.output).toContain('allowed by glass');
    expect(line.output).toContain('What would deny it:\n  no second factor\n  not breaking the glass\n');
  });

  it('names the approvals that are needed, and who may give them', async () => {
    write(`${SOUND} @id("two") @approvals("2") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.approvalCount < 2 };`);
    const words = 'policy explain api lease model-session --purpose repair --stage staging';
    expect(await run(`${words} --json`)).toBe(0);
    expect(line.json).toMatchObject({
      allowed: false,
      approvalsNeeded: 2,
      approvers: ['on-call'],
      policies: ['two'],
    });
    expect(line.json['changes']).toEqual([[{ what: 'approvals', to: 2 }]]);
    expect(await run(words)).toBe(0);
    expect(line.output).toContain('needs 2 approvals, says two; people who may: on-call');
    expect(await run(`${words} --approvals 2`)).toBe(0);
    expect(line.output).toContain('allowed by lease');
  });
});

describe('policy explain, of agents and purposes', () => {
  it('asks an agent and whom it acts for, and says which of them is denied', async () => {
    write(
      `${SOUND} @id("no-engineers") forbid (principal in Lockstep::Role::"engineers", action, resource);`,
    );
    const words = 'policy explain agent:bot lease model-session --purpose answer --stage staging';
    expect(await run(words)).toBe(2);
    expect(line.errors).toContain('say for whom with --for: on-call, engineers');
    expect(await run(`${words} --for engineers`)).toBe(0);
    expect(line.output).toContain('denied to the person that it acts for by');
    expect(line.output).toContain('no-engineers');
  });

  it('says that the broker refuses a purpose before it asks policy', async () => {
    expect(await run('policy explain api lease model-session --purpose answer --stage staging')).toBe(0);
    expect(line.output).toContain('this principal may not state answer; it may state repair.');
  });
});

describe('policy explain, misunderstood', () => {
  it.each([
    ['policy explain api lease model-session', 'say what it is leased for with --purpose: answer, repair'],
    [
      'policy explain api lease model-session --purpose steal',
      'say what it is leased for with --purpose: answer, repair',
    ],
    ['policy explain ap lease model-session --purpose repair', 'did you mean'],
    ['policy explain api lease model-sesion --purpose repair', 'did you mean model-session?'],
    ['policy explain api rotate model', 'rotate is nothing that workload:api can ask for'],
    ['policy explain api read model --for engineers', 'acts for nobody'],
    ['policy explain api read model --at yesterday', '--at is no instant'],
    [
      'policy explain api lease model-session --purpose repair --ttl soon',
      '--ttl <duration>: a duration like 90s, 15m or 1h is expected, or a whole number of seconds from 1, found another text',
    ],
  ])('exits 2: %s', async (words, said) => {
    expect(await run(`${words} --stage staging`)).toBe(2);
    expect(line.errors).toContain(said);
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
