import { LockstepError } from '../errors.ts';

/** What decides whether a lease can be renewed at all, whoever asks. */
export interface Renewing {
  /** As it is told: `lease 01…`. */
  readonly lease: string;
  readonly kind: string;
  /** Whether its kind can: `capabilities` of its `kind.ts`. */
  readonly isRenewable: boolean;
  /** Whether people agreed to it, or nobody was asked because the glass was broken. */
  readonly word?: 'approved' | 'glass';
  /** When it ends. */
  readonly until: string;
}

/** Throws `NOT_SUPPORTED`; `APPROVAL_REFUSED` for one that people agreed to, or that was taken by breaking the glass. */
export function assertRenewable({ lease, kind, isRenewable, word, until }: Renewing): void {
  if (!isRenewable)
    throw new LockstepError('NOT_SUPPORTED', `leases of kind ${kind} cannot be renewed; ask for a new one`);
  if (word === undefined) return;
  throw new LockstepError(
    'APPROVAL_REFUSED',
    `${lease} ${word === 'approved' ? 'was approved' : 'was taken by breaking the glass'} until ${until}, and no longer; ask for a new one under a new request id`,
  );
}
