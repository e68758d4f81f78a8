import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atVersion } from '../../cli/workspace/at-version.ts';
import { accessWith } from '../contracts/inventory/access/an-access-workspace.ts';
import { CommandLine } from './a-command-line.ts';

let folder: string;
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString();
const write = (name: string, text: string): void => {
  mkdirSync(join(folder, 'shop', 'policies'), { recursive: true });
  writeFileSync(join(folder, 'shop', name), text);
};
const commit = (): string => {
  git('add', '.');
  git('commit', '--quiet', '--message', 'a version');
  return git('rev-parse', 'HEAD').trim();
};
const READ = `@id("read") permit (principal, action == Lockstep::Action::"read", resource);`;
const LEASE = `@id("lease") permit (principal is Lockstep::Workload, action == Lockstep::Action::"lease", resource)
  when { context.ttl <= duration("5m") || context.mfa };`;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-repository-')));
  git('init', '--quiet', '--initial-branch', 'main');
});
afterEach(() => rmSync(folder, { recursive: true }));

const shop = (): string => join(folder, 'shop');

describe('a version of a workspace', () => {
  it('is laid out as it was, with the packages that are installed now, and removed again', async () => {
    write('policies/all.cedar', READ);
    mkdirSync(join(folder, 'node_modules', 'lockstep'), { recursive: true });
    writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
    const before = commit();
    write('policies/all.cedar', LEASE);
    let place = '';
    await atVersion(shop(), 'main', async (version) => {
      place = version.folder;
      expect(version.commit).toBe(before);
      expect(readFileSync(join(place, 'policies', 'all.cedar'), 'utf8')).toBe(READ);
      expect(existsSync(join(place, 'node_modules', 'lockstep'))).toBe(true);
    });
    expect(existsSync(place)).toBe(false);
    expect(existsSync(join(folder, 'node_modules', 'lockstep'))).toBe(true);
  });

  it('leaves work tree and index as they are, and is removed when the work fails', async () => {
    write('policies/all.cedar', READ);
    commit();
    write('policies/all.cedar', LEASE);
    git('add', '.');
    write('policies/other.cedar', READ);
    const status = git('status', '--porcelain');
    let place = '';
    const failing = atVersion(shop(), 'HEAD', async (version) => {
      place = version.folder;
      throw new Error('it failed');
    });
    await expect(failing).rejects.toThrowError('it failed');
    expect(existsSync(place)).toBe(false);
    expect(git('status', '--porcelain')).toBe(status);
  });

  it.each(['nothing', '--all', '--output=/tmp/x', 'HEAD:shop', ''])(
    'is refused that git does not know: %j',
    async (ref) => {
      write('policies/all.cedar', READ);
      commit();
      await expect(atVersion(shop(), ref, async () => undefined)).rejects.toMatchObject({
        code: 'COMMAND_INVALID',
      });
    },
  );

  it('is refused where the folder was not there yet, and where there is no repository', async () => {
    writeFileSync(join(folder, 'README'), 'empty');
    const before = commit();
    write('policies/all.cedar', READ);
    await expect(atVersion(shop(), before, async () => undefined)).rejects.toThrowError(
      /does not have this folder/,
    );
    rmSync(join(folder, '.git'), { recursive: true });
    await expect(atVersion(shop(), 'HEAD', async () => undefined)).rejects.toMatchObject({
      code: 'NOTHING_REACHABLE',
    });
  });
});

describe('policy diff', { timeout: 60_000 }, () => {
  let line: CommandLine;
  let before: string;
  beforeEach(() => {
    line = new CommandLine();
    line.workspace = accessWith({});
    write('policies/all.cedar', READ);
    before = commit();
    write('policies/all.cedar', READ + LEASE);
  });
  const diff = (words: string): Promise<number> =>
    line.runWords(['policy', 'diff', ...words.split(' '), '--stage', 'staging', '--folder', shop()]);

  it('lists what changes between a commit and the files as they are', async () => {
    expect(await diff('main --json')).toBe(0);
    expect(line.json).toMatchObject({
      from: before,
      changes: [
        {
          environments: ['staging'],
          asker: 'workload:api',
          actions: ['lease'],
          resource: { type: 'Leasable', id: 'model-session' },
          purpose: 'repair',
          before: { outcome: 'never', needs: [] },
          after: { outcome: 'depends', needs: ['(context.ttl <= duration("5m")) || context.mfa'] },
        },
        { asker: 'workload:ci' },
      ],
    });
    expect(line.json).not.toHaveProperty('to');
    expect(await diff('main')).toBe(0);
    expect(line.output).toContain(`${before.slice(0, 12)} → the files as they are: 2 given`);
  });

  it('is a table of Markdown, in which a condition stays in its cell', async () => {
    expect(await diff('main --markdown')).toBe(0);
    expect(line.output).toContain('| where | who | may | what | for | before | after |\n| --- | --- |');
    expect(line.output).toContain(
      '| staging | workload:api | lease | model-session | repair | never | `(context.ttl <= duration("5m")) \\|\\| context.mfa` |',
    );
  });

  it('compares two commits, and says that nothing changes', async () => {
    const after = commit();
    expect(await diff(`${before} ${after} --json`)).toBe(0);
    expect(line.json).toMatchObject({ from: before, to: after });
    expect(await diff(`${after} main`)).toBe(0);
    expect(line.output).toContain('no right changes: neither what policy decides, nor what its names');
  });

  it('exits 2 for a version that git does not know', async () => {
    expect(await diff('nothing')).toBe(2);
    expect(line.errors).toContain('git knows no version of that name here');
  });
});
