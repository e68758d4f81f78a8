import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW } from './a-connection.ts';
import { functionUrlDouble, KEYS, lambdaApiDouble, REGION } from './aws-doubles.ts';

const BIN = fileURLToPath(new URL('../../cli/lockstep.mjs', import.meta.url));

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'lockstep-bin-'));
  writeFileSync(join(workspace, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bin as a process of its own, in the workspace, with nothing of our environment but what is given. */
function lockstep(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: workspace,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...variables,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, ...words],
      { cwd: workspace, env, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const config = (text: string): void => writeFileSync(join(workspace, 'lockstep.config.ts'), text);
const STAGING = `export default { environments: { local: {}, staging: { account: '111111111111', region: '${REGION}' } } };`;

describe('the bin of the package', { timeout: 60_000 }, () => {
  it('answers a program with JSON alone, through a function URL found and signed with the default credentials', async () => {
    // given an environment whose account and region can be read, whatever else the file is missing
    config(STAGING);
    const urls = await functionUrlDouble();
    urls.answer = () => ({
      status: 200,
      body: JSON.stringify({ environment: 'staging', at: NOW, credentials: [], deadLetters: 0 }),
    });
    const api = await lambdaApiDouble({
      [`arn:aws:lambda:${REGION}:111111111111:function:lockstep-staging-report`]: urls.url,
    });
    try {
      const { code, stdout, stderr } = await lockstep(['status', '--stage', 'staging', '--json'], {
        AWS_ENDPOINT_URL_LAMBDA: api.url,
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toMatchObject({ environment: 'staging', credentials: [] });
      expect(code).toBe(0);
    } finally {
      await api.close();
      await urls.close();
    }
  });

  it('says which credentials are missing, and exits 3', async () => {
    config(STAGING);
    const { code, stderr } = await lockstep(['status', '--stage', 'staging', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NOTHING_REACHABLE', exit: 3 } });
    expect(stderr).toContain('no AWS credentials were found');
    expect(code).toBe(3);
  });

  it('says of a file that cannot be read where, and none of its text', async () => {
    config("export default {\n  'hunter2': sorry no");
    const { code, stderr } = await lockstep(['inventory', 'check']);
    expect(stderr).toMatch(/lockstep\.config\.ts cannot be loaded \(TransformError, line 2, column \d+\)/);
    expect(stderr).not.toContain('hunter2');
    expect(code).toBe(2);
    expect(readdirSync(workspace).sort()).toEqual(['lockstep.config.ts', 'package.json']);
  });

  it('does not repeat a value that was put on its command line', async () => {
    const value = `sk-${'fake0'.repeat(6)}`;
    const { code, stdout, stderr } = await lockstep(['adopt', 'openai-admin', value]);
    expect(stdout + stderr).not.toContain(value);
    expect(stderr).toContain('looks like a secret value');
    expect(code).toBe(2);
  });
});
