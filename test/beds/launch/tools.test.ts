import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inTempFolder } from '../../fakes/temp-folder.ts';
import { installBeds } from './install-beds.ts';

const RUN = fileURLToPath(new URL('../run.ts', import.meta.url));
const folder = inTempFolder();

/** A program of that name, which says something and ends. */
function aProgram(name: string, script: string): void {
  writeFileSync(folder().at(name), `#!/bin/sh\n${script}\n`);
  chmodSync(folder().at(name), 0o755);
}

/** `npm run test:aws` on a machine that has the programs of the folder and no others. */
function runWithThose(): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { JAVA_HOME: _none, ...rest } = process.env;
  return spawnSync(process.execPath, ['--import', 'tsx', RUN], {
    encoding: 'utf8',
    env: { ...rest, PATH: folder().at() },
  });
}

describe('a machine that lacks something', () => {
  it.each([
    ['no Python', () => undefined, /needs Python 3\.10 or newer with pip and venv, and found none/],
    ['an old Python', () => aProgram('python3', 'echo 3 9'), /needs Python 3\.10 or newer/],
    [
      'no Java',
      () => aProgram('python3', 'echo 3 11'),
      /needs Java 17 or newer for DynamoDB Local, and found none/,
    ],
    [
      'an old Java',
      () => {
        aProgram('python3', 'echo 3 11');
        aProgram('java', `echo 'openjdk version "11.0.2" 2019-01-15' >&2`);
      },
      /needs Java 17 or newer/,
    ],
  ])('is told in one sentence, with exit code 3: %s', (_, prepare, sentence) => {
    prepare();
    const { status, stdout, stderr } = runWithThose();
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('an installation', () => {
  const broken = `echo 'Error: no space left on device' >&2; exit 1`;

  it('that fails is named with what the installer said last', async () => {
    aProgram('python3', broken);
    const install = installBeds(folder().at('python3'), () => undefined, folder().at('beds'));
    await expect(install).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/-m venv .*failed; its last lines:\nError: no space left on device$/),
    });
  });

  it('that failed is tried again by the next run', async () => {
    aProgram('python3', broken);
    const said: string[] = [];
    const install = () =>
      installBeds(folder().at('python3'), (text) => void said.push(text), folder().at('beds'));
    await install().catch(() => undefined);
    await install().catch(() => undefined);
    expect(said.filter((text) => text.startsWith('installing'))).toHaveLength(2);
  });

  it('that is there is left alone, but made anew when its Python is gone', async () => {
    aProgram('python3', broken);
    const beds = folder().at('beds');
    const digestOf = (path: string): string =>
      createHash('sha256')
        .update(readFileSync(new URL(path, import.meta.url)))
        .digest('hex');
    mkdirSync(join(beds, 'venv', 'bin'), { recursive: true });
    mkdirSync(join(beds, 'simulator'));
    symlinkSync(folder().at('python3'), join(beds, 'venv', 'bin', 'python'));
    writeFileSync(join(beds, 'venv.installed'), digestOf('../requirements.txt'));
    writeFileSync(join(beds, 'simulator.installed'), digestOf('../rights/simulator/package-lock.json'));
    const said: string[] = [];
    const install = () => installBeds('no-such-python', (text) => void said.push(text), beds);
    await install();
    expect(said).toEqual([]);
    rmSync(folder().at('python3'));
    await expect(install()).rejects.toMatchObject({ exitCode: 1 });
    expect(said).toEqual([expect.stringMatching(/^installing .*venv/)]);
  });
});
