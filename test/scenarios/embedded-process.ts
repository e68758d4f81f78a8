import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endProcess } from '../../embedded/runtime/launch.ts';
import { livingService } from '../../embedded/services/service-record.ts';
import { stopDatabase } from '../../embedded/runtime/workspace-database.ts';
import { stopDouble } from '../../embedded/runtime/workspace-double.ts';
import { worldFolder, type WorldFolder } from '../../embedded/world/world-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../../embedded/main.ts', import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** `npm start` as a process of its own, in a folder of its own. */
export class EmbeddedProcess {
  readonly workspace: string;
  readonly folder: WorldFolder;
  readonly #children: ChildProcess[] = [];
  #said = '';

  constructor() {
    this.workspace = mkdtempSync(join(tmpdir(), 'lockstep-scenario-'));
    this.folder = worldFolder(this.workspace);
  }

  /** Everything that was said so far, by every process of this folder. */
  get said(): string {
    return this.#said;
  }

  /** Makes the folder a workspace: where no runtime works the command line reads inventory and policies itself. */
  writeWorkspace(): void {
    writeFileSync(join(this.workspace, 'package.json'), '{"type":"module"}');
    const config = JSON.stringify(join(ROOT, 'lockstep.config.ts'));
    writeFileSync(join(this.workspace, 'lockstep.config.ts'), `export { default } from ${config};\n`);
    symlinkSync(join(ROOT, 'policies'), join(this.workspace, 'policies'));
  }

  start(...args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, ['--import', LOADER, MAIN, ...args], {
      cwd: this.workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (this.#said += data.toString()));
    this.#children.push(child);
    return child;
  }

  /** Resolves when a text has been said from `from` on. Rejects with the last lines when it is not within a time. */
  async saysAfter(from: number, text: string | RegExp, withinMs = 120_000): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    while (performance.now() < giveUpAt) {
      const since = this.#said.slice(from);
      if (typeof text === 'string' ? since.includes(text) : text.test(since)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`did not say ${String(text)} in time; last lines:\n${this.#said.slice(-1500)}`);
  }

  /** Ends everything of this folder, whatever state it is in, and removes it. */
  async dispose(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    for (const name of ['rag-api', 'embedder', 'summariser', 'research-agent']) {
      await endProcess(await livingService(this.folder.service(name)));
    }
    await stopDouble(this.folder.openaiDouble);
    await stopDatabase(this.folder.postgres);
    rmSync(this.workspace, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The exit code of a child. */
export async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
