import { createLogUpdate } from 'log-update';
import type { Runtime } from '../runtime/runtime.ts';
import { realSleep } from '../loop/sleep.ts';
import { changes, glance, glanceLines, type Glance } from './progress.ts';

/** Shows what happens until it is told to stop. */
export interface View {
  /** Prints above what is updated in place. */
  print(text: string): void;
  stop(): Promise<void>;
}

const EVERY_MS = 250;

/** On a terminal a table that updates in place; elsewhere a line for each change. */
export function showView(runtime: Runtime, output: NodeJS.WriteStream): View {
  const update = output.isTTY ? createLogUpdate(output) : undefined;
  const off = new AbortController();
  let before: Glance | undefined;
  const round = async (): Promise<void> => {
    const now = await glance(runtime);
    if (update) update(glanceLines(now, output.columns).join('\n'));
    else for (const line of changes(before, now)) output.write(`${line}\n`);
    before = now;
  };
  const running = (async () => {
    while (!off.signal.aborted) {
      // A store that is busy for a moment costs one picture.
      await round().catch(() => undefined);
      await realSleep(EVERY_MS);
    }
  })();
  return {
    print: (text) => {
      update?.clear();
      output.write(`${text}\n`);
    },
    stop: async () => {
      off.abort();
      await running;
      update?.done();
    },
  };
}
