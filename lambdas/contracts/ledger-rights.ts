import type { Family } from '../core/ports/ledger.ts';
import type { EnvironmentKey, FUNCTION_ENVIRONMENTS } from './function-environments.ts';

/** What a function does with the events that wait in the ledger to be published. */
export type OutboxRight = 'adds' | 'looks' | 'removes';

/** What a function may do with the ledger: the families whose rows it reads, lists and writes, and the outbox. */
export interface LedgerRights {
  /** One row at a time, by its id. */
  readonly reads: readonly Family[];
  /** All rows of a credential: DynamoDB has a right of its own for that, which most functions can do without. */
  readonly lists: readonly Family[];
  /** Creates and replaces. */
  readonly writes: readonly Family[];
  /** Takes rows away: only what points at others, and what waits for something that has happened. */
  readonly removes?: readonly Family[];
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
  'publish-outbox': { reads: [], lists: [], writes: [], outbox: ['looks', 'removes'] },
  'request-rotation': {
    reads: ['credential', 'rotation', 'refusal'],
    lists: [],
    writes: ['credential', 'rotation', 'refusal'],
    outbox: ['adds'],
  },
  'start-rotation': { reads: ['rotation', 'budget'], lists: [], writes: ['budget'], outbox: [] },
  'advance-rotation': {
    reads: ['credential', 'rotation', 'expectation', 'acknowledgement'],
    lists: [],
    writes: ['credential', 'rotation'],
    outbox: ['adds'],
  },
  target: {
    reads: ['credential', 'rotation', 'lock', 'expectation', 'refusal', 'budget'],
    lists: [],
    writes: ['credential', 'rotation', 'lock', 'expectation', 'refusal', 'budget'],
    outbox: ['adds'],
  },
  'grant-lease': {
    reads: [
      'lease',
      'lease-due',
      'lease-ask',
      'lease-quota',
      'lease-known',
      'lease-order',
      'lease-review',
      'approval',
      'token',
      'finding',
      'incident',
    ],
    lists: ['lease-index', 'lease-known', 'lease-review', 'approval-index'],
    writes: [
      'lease',
      'lease-ask',
      'lease-index',
      'lease-due',
      'lease-ending',
      'lease-quota',
      'lease-known',
      'lease-order',
      'lease-review',
      'approval',
      'approval-index',
      'token',
      'finding',
      'incident',
    ],
    removes: ['lease-due', 'lease-order', 'lease-review', 'approval-index'],
    outbox: ['adds'],
  },
  'sweep-leases': {
    reads: ['lease', 'lease-due', 'lease-index', 'lease-order', 'lease-quota', 'lease-swept', 'lease-target'],
    lists: ['lease-due', 'lease-ending', 'lease-index', 'lease-known', 'lease-order', 'lease-review'],
    writes: [
      'lease',
      'lease-due',
      'lease-index',
      'lease-ending',
      'lease-order',
      'lease-quota',
      'lease-review',
      'lease-swept',
      'lease-target',
    ],
    removes: ['lease-due', 'lease-index', 'lease-ending', 'lease-order'],
    outbox: ['adds'],
  },
  tell: { reads: ['credential', 'rotation', 'delivery'], lists: [], writes: ['delivery'], outbox: [] },
  acknowledge: {
    reads: ['credential', 'rotation', 'expectation', 'acknowledgement'],
    lists: [],
    writes: ['acknowledgement'],
    outbox: ['adds'],
  },
  operate: {
    reads: ['credential', 'rotation', 'lock', 'refusal'],
    lists: [],
    writes: ['credential', 'rotation', 'lock', 'refusal', 'intent'],
    outbox: ['adds'],
  },
  report: {
    reads: ['credential', 'rotation'],
    lists: ['rotation', 'refusal', 'delivery', 'finding'],
    writes: [],
    outbox: [],
  },
  reconcile: {
    reads: ['credential', 'rotation', 'lock'],
    lists: ['intent'],
    writes: ['credential', 'rotation', 'lock', 'intent'],
    outbox: ['adds', 'looks', 'removes'],
  },
  'take-pulse': {
    reads: ['credential', 'rotation', 'lease-swept'],
    lists: [],
    writes: [],
    outbox: ['looks'],
  },
  'detect-access': {
    reads: ['denial', 'attempt', 'finding', 'incident'],
    lists: ['rotation', 'intent'],
    writes: ['denial', 'attempt', 'finding', 'incident'],
    outbox: ['adds'],
  },
};
