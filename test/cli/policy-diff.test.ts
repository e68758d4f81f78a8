import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diffMarkdown, diffText, type Diff } from '../../cli/output/diff-text.ts';
import { paintFor } from '../../cli/output/paint.ts';
import { accessWith } from '../contracts/inventory/access/an-access-workspace.ts';
import { CommandLine } from './a-command-line.ts';

const POLICY = `@id("lease") permit (principal, action == Lockstep::Action::"lease", resource)
  when { principal in resource.owner };`;

let folder: string;
let line: CommandLine;
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
/** The file of the workspace, with some of its values replaced. */
const declare = (changes: Readonly<Record<string, unknown>>): void =>
  writeFileSync(join(folder, 'workspace.json'), JSON.stringify(accessWith(changes)));
const commit = (): void => {
  git('add', '.');
  git('commit', '--quiet', '--message', 'a version');
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-diff-')));
  line = new CommandLine();
  line.workspaceIn = (place) => JSON.parse(readFileSync(join(place, 'workspace.json'), 'utf8'));
  git('init', '--quiet', '--initial-branch', 'main');
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'all.cedar'), POLICY);
  declare({});
  commit();
});
afterEach(() => rmSync(folder, { recursive: true }));

const diff = (words = ''): Promise<number> =>
  line.runWords([...`policy diff main --stage staging ${words}`.trim().split(' '), '--folder', folder]);

const PLAIN = paintFor({ isTerminal: false, noColor: undefined, terminal: 'dumb' });
const ELSEWHERE = 'arn:aws:iam::222222222222:role/everybody';
const everybody = 'arn:aws:iam::111111111111:role/everybody';

/** Edits of the file, each with what is told of it and how. */
const EDITS: readonly (readonly [
  what: string,
  changes: Readonly<Record<string, unknown>>,
  told: { readonly entry: string; readonly field: string; readonly after?: unknown },
  lines: readonly string[],
])[] = [
  [
    'what a lease may do there',
    { 'leases.model-session.scopes': ['api.model.request'] },
    { entry: 'leases.model-session', field: 'target.scopes', after: ['api.model.request'] },
    ['- target.scopes: not declared', '+ target.scopes: api.model.request'],
  ],
  [
    'who has a role',
    { 'roles.on-call.principals.staging': ['arn:aws:iam::111111111111:role/on-call', everybody] },
    { entry: 'roles.on-call', field: 'principals' },
    [`+ principals: ${everybody}`],
  ],
  [
    'who a workload is',
    { 'workloads.worker.role.staging': everybody },
    { entry: 'workloads.worker', field: 'principal', after: everybody },
    ['- principal: arn:aws:iam::111111111111:role/worker', `+ principal: ${everybody}`],
  ],
  [
    'where a key is sent to',
    {
      'leases.model-session.egress.0.host': 'evil.example.com',
      'leases.model-session.egress.0.paths': ['/'],
    },
    { entry: 'leases.model-session', field: 'egress[0].host', after: 'evil.example.com' },
    [
      '- egress[0].host: api.openai.com',
      '+ egress[0].host: evil.example.com',
      '- egress[0].paths: /v1/',
      '+ egress[0].paths: /',
    ],
  ],
  [
    'who supplies an authority',
    { 'leaseAuthorities.model-leases.adopters.staging': [everybody] },
    { entry: 'leaseAuthorities.model-leases', field: 'adopters', after: [everybody] },
    ['- adopters: arn:aws:iam::111111111111:role/admin', `+ adopters: ${everybody}`],
  ],
  [
    'how much there is of it',
    { 'leases.model-session.limits': { perPrincipal: 50, total: 150 } },
    { entry: 'leases.model-session', field: 'limits.perPrincipal', after: 50 },
    ['- limits.perPrincipal: 5', '+ limits.perPrincipal: 50', '- limits.total: 100', '+ limits.total: 150'],
  ],
  [
    'who an issuer is',
    { 'issuers.ci.issuer': 'https://other.example.com' },
    { entry: 'issuers.ci', field: 'issuer', after: 'https://other.example.com' },
    ['- issuer: https://ci.example.com', '+ issuer: https://other.example.com'],
  ],
  [
    'by which group somebody comes',
    { 'roles.engineers.groups': [{ issuer: 'sessions', group: 'everybody' }] },
    { entry: 'roles.engineers', field: 'groups[0].group', after: 'everybody' },
    ['- groups[0].group: engineers', '+ groups[0].group: everybody'],
  ],
];

describe('policy diff of what names stand for', { timeout: 60_000 }, () => {
  it.each(EDITS)('says in every form: %s', async (_, changes, told, lines) => {
    declare(changes);
    expect(await diff('--json')).toBe(0);
    expect(line.json).toMatchObject({ changes: [] });
    expect(line.json['declarations']).toContainEqual(
      expect.objectContaining({ environments: ['staging'], ...told }),
    );
    const found = line.json as unknown as Diff;
    const head = `${told.entry} (staging)`;
    const text = diffText(found, PLAIN);
    expect(text).toContain('policy decides the same of every name, and 1 name of the inventory');
    expect(`${text}\n`).toContain(`\n${head}\n${lines.join('\n')}\n`);
    expect(diffMarkdown(found)).toContain(`\`\`\`diff\n@@ ${head} @@\n${lines.join('\n')}\n\`\`\``);
  });

  it('says both where both change, and shows a new name with all that is declared of it', async () => {
    declare({
      'leases.model-session.owner': 'data',
      'owners.data': { contact: '#data' },
      'roles.new-role': { principals: { staging: [everybody], production: [ELSEWHERE] } },
    });
    expect(await diff()).toBe(0);
    expect(line.output).toMatch(/: 3 taken away; 2 names of the inventory stand for something else\.$/m);
    expect(line.output).toContain(
      'What policy decides\n\nworkload:api (staging)\n  lease model-session for repair\n- always\n+ never\n',
    );
    expect(line.output).toContain(
      `roles.new-role (staging), new\n+ groups: none\n+ principals: ${everybody}\n`,
    );
    expect(await diff('--markdown')).toBe(0);
    expect(line.output).toContain('#### What policy decides');
    expect(line.output).toContain('#### Who is who');
    expect(line.output).toContain('#### What a lease gives');
  });
});

describe('policy diff of what others wrote', { timeout: 60_000 }, () => {
  const claims = (sub: string) => ({ 'workloads.ci.tokens.staging': [{ issuer: 'ci', claims: { sub } }] });

  it('lets no value end its fence, break its line or move a cursor', async () => {
    declare(claims('\u001b[2Jx\n```\n<img src=x> @everybody ````'));
    expect(await diff('--markdown')).toBe(0);
    expect(line.output).toContain('\n`````diff\n');
    expect(line.output).toContain('+ tokens[0].claims.sub: ?[2Jx?```?<img src=x> @everybody ````\n`````\n');
    expect(await diff()).toBe(0);
    expect(line.output).not.toContain('\u001b[2J');
  });

  it('cuts what is long, and still tells two long values apart', async () => {
    declare(claims('a'.repeat(250)));
    commit();
    declare(claims(`${'a'.repeat(125)}b${'a'.repeat(124)}`));
    expect(await diff()).toBe(0);
    const [old = '', now = ''] = line.output.split('\n').filter((each) => /^[-+]/.test(each));
    expect(old.slice(1)).not.toBe(now.slice(1));
    expect(Math.max(old.length, now.length)).toBeLessThan(250);
    expect(await diff('--json')).toBe(0);
    expect(JSON.stringify(line.json)).toContain('a'.repeat(125));
  });

  it('shows no key that somebody pasted, in no form', async () => {
    const key = 'sk-proj-0123456789abcdefABCDEF';
    declare(claims(key));
    for (const form of ['', '--json', '--markdown']) {
      expect(await diff(form)).toBe(0);
      expect(line.output).not.toContain(key);
      expect(line.output).toContain(`a text of ${key.length} characters, SHA-256 `);
    }
  });
});

describe('policy diff with a version that is refused', { timeout: 60_000 }, () => {
  it('says which and of what, not where it lay for a moment, and that another has to be named', async () => {
    writeFileSync(join(folder, 'policies', 'all.cedar'), 'permit (');
    commit();
    const broken = git('rev-parse', 'HEAD').slice(0, 12);
    writeFileSync(join(folder, 'policies', 'all.cedar'), POLICY);
    expect(await diff()).toBe(2);
    expect(line.errors).toContain(`in ${broken}: The policy set has 1 problem.`);
    expect(line.errors).not.toContain('lockstep-version-');
    // Nobody mends what was committed.
    expect(line.errors).toContain(
      'Name a later one, which `git log --oneline -- lockstep.config.ts policies`',
    );
    expect(line.errors).not.toContain('mend the policies');
  });

  it('says what is wrong with its inventory', async () => {
    declare({ 'agents.bot.actsFor': 'anybody' });
    commit();
    declare({});
    expect(await diff()).toBe(2);
    expect(line.errors).toContain('agents.bot.actsFor');
    expect(line.errors).toContain('Name a later one');
  });
});

describe('the text of decisions', () => {
  it('says once what changes alike, and breaks a condition that is wider than a terminal', () => {
    const needs = Array.from({ length: 6 }, (_, at) => `context.approvalCount >= ${at}`);
    const change = (id: string): Diff['changes'][number] => ({
      environments: ['staging'],
      asker: 'role:engineers',
      actions: ['lease', 'renew'],
      resource: { type: 'Leasable', id },
      purpose: 'answer',
      before: { outcome: 'never', needs: [] },
      after: { outcome: 'depends', needs },
    });
    const text = diffText({ from: 'abc', changes: [change('one'), change('two')], declarations: [] }, PLAIN);
    expect(text).toContain(
      'role:engineers (staging)\n  lease, renew one for answer\n  lease, renew two for answer\n- never\n+ ',
    );
    expect(text.split(needs[5] ?? '')).toHaveLength(2);
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(80);
  });
});
