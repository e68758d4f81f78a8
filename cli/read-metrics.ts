import { readFileSync } from 'node:fs';
import { worldFolder } from '../embedded/world/world-folder.ts';

/** A page of a runtime on this machine: it answers at once, or not. */
const TIMEOUT_MS = 3000;

/** The metrics page of the runtime that works on a folder; `undefined` where nobody answers. */
export async function readMetrics(workspace: string): Promise<string | undefined> {
  try {
    const { endpoint } = JSON.parse(readFileSync(worldFolder(workspace).runtime, 'utf8')) as {
      readonly endpoint: string;
    };
    const url = new URL('/metrics', endpoint);
    if (url.hostname !== '127.0.0.1') return undefined;
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    // What is shown without the counts says that nobody counted.
    return undefined;
  }
}
