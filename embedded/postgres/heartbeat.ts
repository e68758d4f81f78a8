import { stat, writeFile } from 'node:fs/promises';
import type { ServerFiles } from './server-files.ts';

/** Shows the keeper that a runtime lives. */
export const beat = ({ heartbeat }: ServerFiles): Promise<void> =>
  writeFile(heartbeat, `${process.pid}\n`, { mode: 0o600 });

/**
 * When the heartbeat was last touched, in the file system's own time. Only a change means something: wall
 * clocks jump, and a machine may sleep.
 */
export const lastBeat = ({ heartbeat }: ServerFiles): Promise<number | undefined> =>
  stat(heartbeat).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
