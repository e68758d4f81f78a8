import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewId, RandomBytes } from '../../core/ports/ids.ts';
import type { Clock } from '../../core/time.ts';

/** The machine's clock. */
export const systemClock: Clock = () => new Date();

/** UUIDs of version 4: 122 random bits of the operating system's generator. */
export const systemNewId: NewId = () => randomUUID();

/** Bytes of the operating system's generator. */
export const systemRandomBytes: RandomBytes = (length) => new Uint8Array(randomBytes(length));

/** A number in [0, 1), for jitter only: nobody may derive a secret from it. */
export const systemRandom = (): number => Math.random();

/** Waits. */
export const systemPause = async (milliseconds: number): Promise<void> => {
  await sleep(milliseconds);
};
