import { createServer } from 'node:net';
import { LockstepError } from '../../lambdas/core/errors.ts';

/**
 * Below the ports that operating systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): a port
 * that is kept for days would sooner or later be the near end of somebody's connection just when it is needed.
 */
const [FIRST, LAST] = [20_000, 32_767] as const;
const ATTEMPTS = 100;

/** Whether nobody has a port of the loopback interface at this moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** A port of the loopback interface that nobody has, to be kept. Another process may be quicker to take it. */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(random() * (LAST - FIRST + 1));
    if (await isPortFree(port)) return port;
  }
  throw new LockstepError(
    'PORT_IN_USE',
    `found no free port on 127.0.0.1 between ${FIRST} and ${LAST}; end some of what listens there`,
  );
}
