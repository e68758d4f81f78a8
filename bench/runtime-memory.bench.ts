/** How much memory does the embedded runtime take, idle between rounds? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Table } from './results.ts';

const MAIN = fileURLToPath(new URL('../embedded/main.ts', import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PATIENCE_MS = 240_000;

/** Resident memory at three moments of one run. Linux only: it is read from /proc. */
export async function runtimeMemory(progress: (what: string) => void): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const child = spawn(process.execPath, ['--import', LOADER, MAIN], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const says = async (text: string): Promise<void> => {
    progress(`waiting for "${text}"`);
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!said.includes(text)) {
      if (performance.now() > giveUpAt) throw new Error(`the runtime did not say "${text}"`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  try {
    const rows: string[][] = [];
    await says('requested');
    rows.push(['while the first rotations run', residentMiB(child.pid)]);
    await says('Going on by cadence');
    rows.push(['after the first round', residentMiB(child.pid)]);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    rows.push(['a minute and a round later', residentMiB(child.pid)]);
    return {
      title: 'Memory of the embedded runtime (resident, MiB; its services are processes of their own)',
      head: ['when', 'MiB'],
      rows,
    };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

function residentMiB(pid: number | undefined): string {
  const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return (kilobytes / 1024).toFixed(0);
}
