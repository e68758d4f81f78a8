import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BedOrder } from '../bed-process.ts';

const STUBBORN = fileURLToPath(new URL('stubborn.mjs', import.meta.url));

/** The command of a program that does not go by itself, and writes the numbers of its processes into a folder. */
export const stubborn = (folder: string, name: string, ...rest: readonly (string | number)[]) =>
  [process.execPath, STUBBORN, folder, name, ...rest.map(String)] as const;

/** A bed made of it. */
export const fakeBed = (folder: string, name: string, port: number): BedOrder => ({
  name,
  command: [...stubborn(folder, name, port)],
  port,
  log: join(folder, `${name}.log`),
  isReady: async (signal) =>
    (await (await fetch(`http://127.0.0.1:${port}`, { signal })).text()) === `this is ${name}`,
});
