import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { livingKeeper } from '../../../embedded/postgres/keeper-record.ts';
import { serverFiles } from '../../../embedded/postgres/server-files.ts';
import { stopServer } from '../../../embedded/postgres/stop-server.ts';

/** Folders and processes of one test file, and their end. */
export class LauncherBed {
  readonly #folders: string[] = [];
  readonly #children: ChildProcess[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-launcher-'));
    this.#folders.push(folder);
    return folder;
  }

  spawn(file: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(file, [...args], options);
    child.on('error', () => undefined);
    this.#children.push(child);
    return child;
  }

  /** Runs the stand-in, behind `prefix` where one is given, and waits for what it says. */
  async standIn(
    args: readonly string[],
    prefix: readonly string[] = [],
  ): Promise<{ readonly child: ChildProcess; readonly said: Readonly<Record<string, unknown>> }> {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const script = fileURLToPath(new URL('stand-in.ts', import.meta.url));
    const [file = '', ...rest] = [...prefix, process.execPath, '--import', loader, script, ...args];
    const child = this.spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout?.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        if (text.includes('\n')) resolve(text);
      });
      child.once('exit', () => reject(new Error(`the stand-in ended and said only ${JSON.stringify(text)}`)));
    });
    return { child, said: JSON.parse(said) as Readonly<Record<string, unknown>> };
  }

  async end(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL');
    for (const folder of this.#folders) {
      for (const place of [folder, join(folder, 'inner')]) {
        const keeper = await livingKeeper(serverFiles(place));
        if (keeper) process.kill(keeper.pid, 'SIGKILL');
        await stopServer(place);
      }
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Waits until something is so; the test's own limit ends a wait in vain. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await sleep(25);
}

export const isRoot = process.getuid?.() === 0;
