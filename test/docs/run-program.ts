import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Never throws because of how it ended. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env };
  const settings = { env, timeout: 150_000, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) };
  return promisify(execFile)(program, [...args], settings).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      const failed = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string };
      return {
        code: typeof failed.code === 'number' ? failed.code : -1,
        stdout: failed.stdout ?? '',
        stderr: failed.stderr ?? '',
      };
    },
  );
}

/** Whether a program is there and ends well. What is missing on a machine is skipped by name, not failed. */
export function runs(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, [...args], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
