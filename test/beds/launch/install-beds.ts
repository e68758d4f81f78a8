import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BedError } from './bed-error.ts';

/** Where everything of the beds is kept: nothing of it belongs to the product, and it may be deleted at any time. */
export const BEDS_FOLDER = fileURLToPath(new URL('../../../.beds/', import.meta.url));

const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../rights/simulator/', import.meta.url));

/** The programs of the virtual environment. */
export const bedProgram = (name: 'ministack' | 'moto_server' | 'cfn-lint' | 'python'): string =>
  join(BEDS_FOLDER, 'venv', 'bin', name);

/** Where the independent simulator of IAM is installed. */
export const SIMULATOR_FOLDER = join(BEDS_FOLDER, 'simulator');

/** Installs the pinned versions, where they are not installed already. Throws `BedError` with what the installer said. */
export async function installBeds(python: string, say: (text: string) => void): Promise<void> {
  mkdirSync(BEDS_FOLDER, { recursive: true });
  await unlessDone('venv', digestOf(REQUIREMENTS), say, async (folder) => {
    await run(python, ['-m', 'venv', folder]);
    const quietly = ['--quiet', '--disable-pip-version-check'];
    await run(join(folder, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      ...quietly,
      '--requirement',
      REQUIREMENTS,
    ]);
  });
  await unlessDone('simulator', digestOf(join(SIMULATOR, 'package-lock.json')), say, async (folder) => {
    for (const file of ['package.json', 'package-lock.json'])
      cpSync(join(SIMULATOR, file), join(folder, file));
    await run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
  });
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** An installation that was broken off has no stamp, and is made anew. */
async function unlessDone(
  name: string,
  version: string,
  say: (text: string) => void,
  install: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = join(BEDS_FOLDER, name);
  const stamp = join(BEDS_FOLDER, `${name}.installed`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return;
  say(`installing ${name} under .beds (once, about a minute)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await install(folder);
  writeFileSync(stamp, version);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(String(part)));
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    throw new BedError(3, `${command} could not be started; install it and run again`, { cause: error });
  })) as [number | null];
  if (code === 0) return;
  const last = said.join('').trim().split('\n').slice(-12).join('\n');
  throw new BedError(1, `${command} ${args.slice(0, 3).join(' ')} … failed; its last lines:\n${last}`);
}
