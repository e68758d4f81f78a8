import { giveBack } from '../access/take-leases.ts';
import type { HeldLease } from '../access/held-lease.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { writePassFiles, type PassFiles, type Trusting } from './pass-files.ts';
import type { Pass } from './pass.ts';

/** Leases that a program can use through the proxy, and what it needs for that. */
export interface ServedPass {
  readonly pass: Pass;
  readonly files: PassFiles;
  /** Ends all of it: what is under way, the settings, and the leases; those for want of a token until `leaving` aborts. */
  close(leaving?: AbortSignal): Promise<void>;
}

/** Serves leases. Where that fails they are given back. Throws what `Pass` throws. */
export async function servePass(
  proxy: EgressProxy,
  leases: readonly HeldLease[],
  environment: Trusting,
): Promise<ServedPass> {
  let pass: Pass | undefined;
  try {
    const opened = proxy.open(leases);
    pass = opened;
    const files = await writePassFiles(opened, proxy.port, environment);
    return {
      pass: opened,
      files,
      close: async (leaving) => {
        // Whoever is in the middle of a request is cut off before its lease is given back.
        proxy.close(opened);
        await files.remove();
        await giveBack(leases, leaving);
      },
    };
  } catch (error) {
    if (pass) proxy.close(pass);
    await giveBack(leases);
    throw error;
  }
}
