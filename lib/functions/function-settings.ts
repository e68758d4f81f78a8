import {
  APPEND_AUDIT_TIMEOUT_SECONDS,
  LEASE_TIMEOUT_SECONDS,
  TARGET_TIMEOUT_SECONDS,
} from '../../lambdas/contracts/function-timeouts.ts';
import type { EnvironmentKey } from '../../lambdas/contracts/function-environments.ts';

/** How much of Lambda a function gets. */
export interface FunctionSettings {
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** At most so many at once, and so many always free: set where a target or a chain has to be protected. */
  readonly reservedConcurrency?: number;
  /** How many messages of its queue it is handed together, and by how many pollers at once. */
  readonly batch?: { readonly size: number; readonly concurrency: number };
}

/** One message at a time: it may take minutes, and a batch would share one timeout. */
const SLOW = { size: 1, concurrency: 10 } as const;
const QUICK = { size: 5, concurrency: 5 } as const;
/** By the clock: one is at work, a second one may overlap it. Two is the least that Lambda takes. */
const CLOCKED = { size: 1, concurrency: 2 } as const;

/**
 * The settings of each function. A call to a store may take 34 s with all its repeats (`storeSettings`), a wait for a
 * target function two minutes: none is ended by Lambda before it can say what it could not do.
 */
export const FUNCTION_SETTINGS: { readonly [K in EnvironmentKey]: FunctionSettings } = {
  'append-audit': {
    timeoutSeconds: APPEND_AUDIT_TIMEOUT_SECONDS,
    memoryMegabytes: 256,
    // It tries a chain twenty times, and in every round one of those at work wins: of twenty, all get in. Reserved
    // also means free: whatever else runs in the account, a promotion does not wait for room to be written down.
    reservedConcurrency: 20,
  },
  'seal-audit': { timeoutSeconds: 60, memoryMegabytes: 256, batch: CLOCKED },
  'publish-outbox': { timeoutSeconds: 60, memoryMegabytes: 256 },
  'request-rotation': { timeoutSeconds: 120, memoryMegabytes: 256, batch: QUICK },
  'start-rotation': { timeoutSeconds: 120, memoryMegabytes: 256, batch: SLOW },
  'advance-rotation': { timeoutSeconds: 600, memoryMegabytes: 256, batch: SLOW },
  // A database or a provider sees at most five of us at once, each with a few connections or calls.
  target: { timeoutSeconds: TARGET_TIMEOUT_SECONDS, memoryMegabytes: 512, reservedConcurrency: 5 },
  // Twice the connections of a target function: leases are asked for by whoever waits for them.
  lease: { timeoutSeconds: LEASE_TIMEOUT_SECONDS, memoryMegabytes: 512, reservedConcurrency: 10 },
  // Somebody waits for it, as for an issue at a target; the policy engine needs the memory.
  // Its URL for tokens is open to anybody: whoever floods it gets no more room than this, and leaves the account the rest.
  'grant-lease': { timeoutSeconds: 120, memoryMegabytes: 512, reservedConcurrency: 50 },
  // A round of a minute, in which the last batch at a target may take as long as a lease function does.
  'sweep-leases': { timeoutSeconds: 300, memoryMegabytes: 256, batch: SLOW },
  tell: { timeoutSeconds: 90, memoryMegabytes: 256, batch: SLOW },
  acknowledge: { timeoutSeconds: 60, memoryMegabytes: 256 },
  operate: { timeoutSeconds: 600, memoryMegabytes: 256 },
  report: { timeoutSeconds: 300, memoryMegabytes: 512 },
  reconcile: { timeoutSeconds: 900, memoryMegabytes: 256, batch: CLOCKED },
  'take-pulse': { timeoutSeconds: 120, memoryMegabytes: 256, batch: CLOCKED },
  'detect-access': { timeoutSeconds: 300, memoryMegabytes: 256, batch: { size: 10, concurrency: 10 } },
  'page-on-call': { timeoutSeconds: 60, memoryMegabytes: 256, batch: QUICK },
};
