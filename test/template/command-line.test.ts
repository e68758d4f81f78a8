import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceWith } from '../contracts/inventory/a-workspace.ts';
import { anAccessWorkspace } from '../contracts/inventory/access/an-access-workspace.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const TSX = pathToFileURL(join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): Ended {
  // Settings of whoever runs the tests must not decide what the toolkit does.
  const { CDK_DISABLE_CLI_TELEMETRY: _telemetry, CI: _ci, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    env: { ...environment, ...more },
  });
  return { status, stdout, stderr };
}

/** The app itself, in a folder with a file of its own. */
function synthesizeFile(workspace: unknown): Ended & { readonly made: readonly string[] } {
  const [here, outdir] = [join(folder, 'here'), join(folder, 'out')];
  writeWorkspace(here, workspace);
  const ended = run(['--import', TSX, join(ROOT, 'bin', 'lockstep.ts')], here, { CDK_OUTDIR: outdir });
  return { ...ended, made: existsSync(outdir) ? readdirSync(outdir) : [] };
}

function writeWorkspace(into: string, workspace: unknown): void {
  spawnSync('mkdir', [into]);
  writeFileSync(join(into, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(into, 'lockstep.config.ts'), `export default ${JSON.stringify(workspace)};\n`);
}

// Each run starts the toolkit or the app anew.
const LONG = { timeout: 300_000 };

describe('cdk synth', LONG, () => {
  it('ends well, asks nobody outside this machine, and has nothing to warn of', () => {
    // `--ci` sends what is only information to standard output, so that standard error holds warnings and errors alone.
    const attempts = join(folder, 'attempts');
    const ended = run([CDK, 'synth', '--ci', '--output', join(folder, 'out')], ROOT, {
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'refuse-network.cjs')}`,
      NETWORK_ATTEMPTS: attempts,
    });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(attempts)).toBe(false);
    expect(readdirSync(join(folder, 'out'))).toContain('assembly-staging');
  });

  it('the watch over the network would have noticed: an attempt is noted and refused', () => {
    const attempts = join(folder, 'attempts');
    const ended = run(['--eval', "require('node:https').get('https://example.com')"], folder, {
      NODE_OPTIONS: `--require=${join(import.meta.dirname, 'refuse-network.cjs')}`,
      NETWORK_ATTEMPTS: attempts,
    });
    expect(ended.status).not.toBe(0);
    expect(existsSync(attempts)).toBe(true);
  });
});

describe('an inventory with problems', LONG, () => {
  it('is told all of them, with where, what, what may be there and how to mend it, exits with 2, and makes nothing', () => {
    const ended = synthesizeFile(
      workspaceWith({
        'credentials.store.owner': 'nobody',
        'credentials.db-admin.endpoint': {
          staging: { host: '127.0.0.1' },
          production: { host: '169.254.169.254' },
        },
      }),
    );
    expect(ended).toMatchObject({ status: 2, stdout: '', made: [] });
    for (const path of ['credentials.store.owner', 'credentials.db-admin.endpoint'])
      expect(ended.stderr).toContain(path);
    expect(ended.stderr).toContain('loopback');
    expect(ended.stderr).toContain('link-local');
    for (const part of ['found:', 'allowed:', 'mend:']) expect(ended.stderr).toContain(part);
  });

  it('is told what is wrong with its policies as well, where something can be leased', () => {
    const ended = synthesizeFile(JSON.parse(JSON.stringify(anAccessWorkspace())) as unknown);
    expect(ended).toMatchObject({ status: 2, stdout: '', made: [] });
    expect(ended.stderr).toContain('The policy set has 1 problem.');
    expect(ended.stderr).toContain('no policy');
  });

  it('a sound one is synthesized by the same way, from the folder it lies in', () => {
    const ended = synthesizeFile(workspaceWith({}));
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    expect(ended.made).toContain('assembly-staging');
  });
});
