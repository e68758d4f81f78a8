import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

/** What is answered of a request in staging. */
const explained = async (words: string) => {
  expect(await run(`policy explain ${words} --stage staging --json`)).toBe(0);
  return line.json;
};

describe('policy explain', () => {
  it('says which policies decide, what each says, and what would turn the answer', async () => {
    expect(
      await run('policy explain role:on-call lease model-session --purpose repair --stage staging --json'),
    ).toBe(0);
    expect(line.json).toMatchObject({
      environment: 'staging',
      principal: 'role:on-call',
      verdict: 'refused',
      code: 'POLICY_DENIED',
      enforcedBy: 'broker',
      policy: { allowed: false, policies: [], deniedBy: ['caller'] },
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
    expect(line.output).toContain('granted by glass');
    expect(line.output).toContain('What would refuse it:\n  no second factor\n  not breaking the glass\n');
  });

  it('names the approvals that are needed, and who may give them', async () => {
    write(`${SOUND} @id("two") @approvals("2") forbid (principal, action == Lockstep::Action::"lease", resource)
      when { context.approvalCount < 2 };`);
    const words = 'policy explain api lease model-session --purpose repair --stage staging';
    expect(await run(`${words} --json`)).toBe(0);
    expect(line.json).toMatchObject({
      verdict: 'approval-needed',
      approvers: ['on-call'],
      policy: { allowed: false, approvalsNeeded: 2, policies: ['two'] },
    });
    expect(line.json['changes']).toEqual([[{ what: 'approvals', to: 2 }]]);
    expect(await run(words)).toBe(0);
    expect(line.output).toContain('approval needed: 2 approvals, says two; people who may: on-call');
    expect(await run(`${words} --approvals 2`)).toBe(0);
    expect(line.output).toContain('granted by lease');
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
    expect(line.output).toContain(
      'refused (POLICY_DENIED): it is not for the person that it acts for: forbidden by',
    );
    expect(line.output).toContain('no-engineers');
  });

  it('says that the broker refuses a purpose before it asks policy, and which other one would do', async () => {
    const words = 'policy explain api lease model-session --purpose answer --stage staging';
    expect(await run(`${words} --json`)).toBe(0);
    expect(line.json).toMatchObject({
      verdict: 'refused',
      code: 'PURPOSE_REFUSED',
      policy: { allowed: true, policies: ['lease'] },
      purposes: ['repair'],
      changes: [[{ what: 'purpose', to: 'repair' }]],
    });
    expect(await run(words)).toBe(0);
    expect(line.output).toContain('refused (PURPOSE_REFUSED): model-session: the purpose');
    expect(line.output).toContain('before it asks policy, which would permit it, by lease.');
    expect(line.output).not.toContain('allowed');
  });

  it('takes the purpose as the broker does: the only one that may be stated need not be', async () => {
    expect(await run('policy explain api lease model-session --stage staging --json')).toBe(0);
    expect(line.json).toMatchObject({ verdict: 'granted', circumstances: { purpose: 'repair' } });
  });
});

describe('policy explain, of what the broker refuses whatever policy says', { timeout: 60_000 }, () => {
  it('of times that are not leased', async () => {
    write(SOUND.replace(' && context.ttl <= resource.maximum', ''));
    const found = await explained('api lease model-session --ttl 2h');
    expect(found).toMatchObject({ verdict: 'refused', code: 'TTL_REFUSED', policy: { allowed: true } });
    expect(found['changes']).toEqual([[{ what: 'ttlSeconds', to: 1800 }]]);
  });

  it('of renewals that its target has not', async () => {
    const found = await explained('api renew model-session');
    expect(found).toMatchObject({
      verdict: 'refused',
      code: 'NOT_SUPPORTED',
      policy: { allowed: true },
      changes: [],
      inventoryChanges: [],
    });
  });

  it('of an order that there is not', async () => {
    expect(await run('policy explain role:on-call revoke model-leases --stage staging')).toBe(2);
    expect(line.errors).toContain('there is no order to revoke it');
  });
});

describe('policy explain, of what the inventory has not', { timeout: 60_000 }, () => {
  it('names the inventory where no circumstances give it, and only what was seen to', async () => {
    line.workspace = accessWith({ 'purposes.repair.workloads': undefined });
    const found = await explained('api lease model-session');
    expect(found).toMatchObject({ verdict: 'refused', code: 'PURPOSE_REFUSED', purposes: [], changes: [] });
    expect(found['inventoryChanges']).toContainEqual({
      inventory: ['purposes.repair names workload:api'],
      circumstances: [],
    });
    expect(await run('policy explain api lease model-session --stage staging')).toBe(0);
    expect(line.output).toContain('What would, in the inventory:');
    const read = await explained('ci read model');
    expect(read).toMatchObject({ verdict: 'refused', enforcedBy: 'IAM' });
    expect(read['inventoryChanges']).toEqual([
      { inventory: ['credentials.model.boundTo names ci'], circumstances: [] },
    ]);
  });

  it('takes the second factor from the inventory, and names it where it is missing', async () => {
    const principals = { staging: ['arn:aws:iam::111111111111:role/on-call'] };
    const known = { 'roles.on-call.groups': undefined, 'roles.on-call.principals': principals };
    const asked = 'role:on-call lease model-session --purpose repair --break-glass';
    line.workspace = accessWith(known);
    const without = await explained(asked);
    expect(without).toMatchObject({ verdict: 'refused', circumstances: { mfa: false }, changes: [] });
    expect(without['inventoryChanges']).toContainEqual({
      inventory: ['roles.on-call.secondFactorProved is true, where it is'],
      circumstances: [],
    });
    expect(await run(`policy explain ${asked} --stage staging --mfa`)).toBe(2);
    expect(line.errors).toContain('prove no second factor');
    line.workspace = accessWith({ ...known, 'roles.on-call.secondFactorProved': true });
    expect(await explained(asked)).toMatchObject({ verdict: 'granted', circumstances: { mfa: true } });
  });

  it('says of what nobody asks policy for that nobody does', async () => {
    expect(await run('policy explain role:on-call rotate model --stage staging')).toBe(0);
    expect(line.output).toContain('granted by operate');
    expect(line.output).toContain('Nobody asks policy for this yet');
  });
});

describe('policy explain, misunderstood', () => {
  it.each([
    [
      'policy explain api lease model-session --purpose steal',
      'say what it is leased for with --purpose: answer, repair',
    ],
    ['policy explain ap lease model-session --purpose repair', 'did you mean'],
    ['policy explain api lease model-sesion --purpose repair', 'did you mean model-session?'],
    ['policy explain api rotate model', 'rotate is nothing that workload:api can ask for'],
    ['policy explain api read model --for engineers', 'acts for nobody'],
    ['policy explain api lease model-session --source bogus', '--source is no address'],
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
