import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BedError } from './bed-error.ts';
import { startLeashed } from './leashed.ts';
import { withLock } from './with-lock.ts';

/** Where everything of the beds is kept: nothing of it belongs to the product, and it may be deleted at any time. */
export const BEDS_FOLDER = fileURLToPath(new URL('../../../.beds/', import.meta.url));

const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../rights/simulator/', import.meta.url));

/** The programs of the virtual environment. */
export const bedProgram = (name: 'ministack' | 'moto_server' | 'cfn-lint' | 'python'): string =>
  join(BEDS_FOLDER, 'venv', 'bin', name);

/** Where the independent simulator of IAM is installed. */
export const SIMULATOR_FOLDER = join(BEDS_FOLDER, 'simulator');

type Say = (text: string) => void;

/**
 * Installs the pinned versions, where they are not installed already. One run at a time does: another one that starts
 * meanwhile waits. Throws `BedError` with what the installer said.
 */
export async function installBeds(python: string, say: Say, into: string = BEDS_FOLDER): Promise<void> {
  mkdirSync(into, { recursive: true });
  await withLock(join(into, 'installing'), say, async () => {
    // A virtual environment is of no use when the Python that it was made with is gone.
    const works = (folder: string): boolean => existsSync(join(folder, 'bin', 'python'));
    await unlessDone({ folder: join(into, 'venv'), version: digestOf(REQUIREMENTS), works }, say, (folder) =>
      makeEnvironment(python, folder),
    );
    const version = digestOf(join(SIMULATOR, 'package-lock.json'));
    await unlessDone({ folder: join(into, 'simulator'), version, works: existsSync }, say, installSimulator);
  });
}

async function makeEnvironment(python: string, folder: string): Promise<void> {
  await run([python, '-m', 'venv', folder]);
  const pip = [join(folder, 'bin', 'python'), '-m', 'pip', 'install'] as const;
  await run([...pip, '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS]);
}

async function installSimulator(folder: string): Promise<void> {
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(SIMULATOR, file), join(folder, file));
  await run(['npm', 'ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error']);
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

interface Installation {
  readonly folder: string;
  readonly version: string;
  readonly works: (folder: string) => boolean;
}

/** An installation that was broken off has no stamp, and is made anew. */
async function unlessDone(
  { folder, version, works }: Installation,
  say: Say,
  install: (folder: string) => Promise<void>,
): Promise<void> {
  const stamp = `${folder}.installed`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version && works(folder)) return;
  say(`installing ${folder} (once, about a minute)`);
  rmSync(stamp, { force: true });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await install(folder);
  writeFileSync(stamp, version);
}

/** Runs an installer, which ends with us. It has the whole environment: registries and proxies are set in it. */
async function run(command: readonly [string, ...string[]]): Promise<void> {
  const installer = startLeashed({ command, environment: process.env, output: 'pipe' });
  if ((await installer.ended) === 0) return;
  const last = installer.said.join('').trim().split('\n').slice(-12).join('\n');
  throw new BedError(1, `${command.slice(0, 4).join(' ')} … failed; its last lines:\n${last}`);
}
