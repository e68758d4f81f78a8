import type { Family } from '../core/ports/ledger.ts';
import type { EnvironmentKey, FUNCTION_ENVIRONMENTS } from './function-environments.ts';

/** What a function does with the events that wait in the ledger to be published. */
export type OutboxRight = 'adds' | 'looks' | 'removes';

/** What a function may do with the ledger: the families whose rows it reads and writes, and the outbox. */
export interface LedgerRights {
  readonly reads: readonly Family[];
  /** Creates and replaces. Nobody removes a row. */
  readonly writes: readonly Family[];
  readonly outbox: readonly OutboxRight[];
}

/** The functions that are told the ledger's name. */
export type LedgerUser = {
  readonly [K in EnvironmentKey]: 'LEDGER_TABLE' extends keyof (typeof FUNCTION_ENVIRONMENTS)[K] ? K : never;
}[EnvironmentKey];

/**
 * Who writes which family: on AWS the roles are made from it. That only a target function writes what is
 * expected, and only `acknowledge` the proofs of it, is what keeps one from vouching for the other.
 */
export const LEDGER_RIGHTS: { readonly [U in LedgerUser]: LedgerRights } = {
  'publish-outbox': { reads: [], writes: [], outbox: ['looks', 'removes'] },
  'request-rotation': {
    reads: ['credential', 'rotation', 'refusal'],
    writes: ['credential', 'rotation', 'refusal'],
    outbox: ['adds'],
  },
  'start-rotation': { reads: ['rotation', 'budget'], writes: ['budget'], outbox: [] },
  'advance-rotation': {
    reads: ['credential', 'rotation', 'expectation', 'acknowledgement'],
    writes: ['credential', 'rotation'],
    outbox: ['adds'],
  },
  target: {
    reads: ['credential', 'rotation', 'lock', 'expectation', 'refusal', 'budget'],
    writes: ['credential', 'rotation', 'lock', 'expectation', 'refusal', 'budget'],
    outbox: ['adds'],
  },
  tell: { reads: ['credential', 'rotation', 'delivery'], writes: ['delivery'], outbox: [] },
  acknowledge: {
    reads: ['credential', 'rotation', 'expectation', 'acknowledgement'],
    writes: ['acknowledgement'],
    outbox: ['adds'],
  },
  operate: {
    reads: ['credential', 'rotation', 'lock', 'refusal'],
    writes: ['credential', 'rotation', 'lock', 'refusal', 'intent'],
    outbox: ['adds'],
  },
  report: {
    reads: ['credential', 'rotation', 'refusal', 'delivery', 'finding'],
    writes: [],
    outbox: [],
  },
  reconcile: {
    reads: ['credential', 'rotation', 'lock', 'intent'],
    writes: ['credential', 'rotation', 'lock', 'intent'],
    outbox: ['adds', 'looks', 'removes'],
  },
  'take-pulse': { reads: ['credential', 'rotation'], writes: [], outbox: ['looks'] },
  'detect-access': {
    reads: ['rotation', 'intent', 'denial', 'attempt', 'finding', 'incident'],
    writes: ['denial', 'attempt', 'finding', 'incident'],
    outbox: ['adds'],
  },
};
