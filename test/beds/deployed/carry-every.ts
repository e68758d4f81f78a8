import { setTimeout as sleep } from 'node:timers/promises';

/** Does something over and over until it is ended, also after it has failed. */
export function carryEvery(
  milliseconds: number,
  work: () => Promise<void>,
  say: (text: string) => void,
): { end(): Promise<void> } {
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) {
      await work().catch((error: unknown) => say(`a schedule is carried later: ${String(error)}`));
      await sleep(milliseconds, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    end: async () => {
      ending.abort();
      await running;
    },
  };
}
