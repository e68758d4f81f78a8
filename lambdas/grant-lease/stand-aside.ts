import type { GrantPorts } from './grant-ports.ts';

/** Waits before the ledger is read again: a little longer each time, and not as long as whoever else was too late. */
export async function standAside(
  { sleep, randomBytes }: Pick<GrantPorts, 'sleep' | 'randomBytes'>,
  attempt: number,
): Promise<void> {
  const share = (randomBytes(1)[0] ?? 0) / 256;
  await sleep(Math.round(5 * 2 ** Math.min(attempt, 5) * (0.5 + share)));
}
