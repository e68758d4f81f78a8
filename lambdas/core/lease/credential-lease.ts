import { isLockstepError, LockstepError } from '../errors.ts';
import type { Lease } from '../ledger-rows.ts';
import { create, replace, type Ledger, type LedgerRow } from '../ports/ledger.ts';
import { instant, reached, secondsAfter, secondsBetween, type Clock } from '../time.ts';

/** Who asks for the lease, and how long it may last without an answer from its holder. */
export interface LeaseRequest {
  /** Unique per attempt, not per function: two invocations of one function are strangers. */
  readonly holder: string;
  /** Longer than an invocation can live, so that no holder outlives its lease unknowingly. */
  readonly seconds: number;
  /** What it is taken for. One that was kept may be taken at once by whoever comes to finish the same thing. */
  readonly purpose?: string;
}

/** A lease that is held. */
export interface HeldLease {
  /** Throws `LEASE_HELD` if somebody has taken it over since. Ask before an effect that follows a wait. */
  assertHeld(): Promise<void>;
  /**
   * From now on it is not released when the work ends, and runs out by itself, unless somebody comes with the same
   * purpose: for an effect that others must not judge by what they read, as long as it is not written down. A vault
   * may show its own last write late.
   */
  keep(): void;
  /** What was kept for has been written down: it is released when the work ends. */
  letGo(): void;
}

/**
 * Runs `work` while nobody else may change these credentials' accounts at their targets.
 *
 * Taken in the order of the names, so that two holders of several cannot lock each other out. A holder
 * that died loses its lease when the time is up; each taking raises the fence. Not releasing (a crash)
 * only makes the next one wait.
 */
export async function withLease<T>(
  ledger: Ledger,
  clock: Clock,
  credentials: readonly string[],
  request: LeaseRequest,
  work: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  const taken: string[] = [];
  let isKept = false;
  try {
    for (const credential of [...credentials].sort()) {
      await take(ledger, clock, credential, request);
      taken.push(credential);
    }
    return await work({
      assertHeld: () => assertAllHeld(ledger, clock, taken, request.holder),
      keep: () => (isKept = true),
      letGo: () => (isKept = false),
    });
  } finally {
    // A release that fails costs the next holder some waiting, never correctness.
    const end = isKept ? keepFor : release;
    for (const credential of taken) await end(ledger, credential, request).catch(() => undefined);
  }
}

async function take(ledger: Ledger, clock: Clock, credential: string, request: LeaseRequest): Promise<void> {
  const row = await ledger.read('lease', credential, 'lease');
  const now = clock();
  const isFree = !row || reached(row.body.until, now) || mayFinish(row.body, request);
  if (!isFree) throw heldByAnother(row, now);

  const body: Lease = {
    holder: request.holder,
    fence: (row?.body.fence ?? 0) + 1,
    until: secondsAfter(instant(now), request.seconds),
  };
  const write = row ? replace(row, body) : create('lease', credential, 'lease', body);
  await ledger.commit([write]).catch((error: unknown) => {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    throw new LockstepError('LEASE_HELD', `somebody else took the lease of ${credential} first; try again`, {
      retryAfterSeconds: 1,
      cause: error,
    });
  });
}

/** Its holder has ended, and left undone what this one comes for. */
const mayFinish = ({ holder, keptFor }: Lease, request: LeaseRequest): boolean =>
  holder === request.holder || (keptFor !== undefined && keptFor === request.purpose);

function heldByAnother({ credential, body }: LedgerRow<'lease'>, now: Date): LockstepError {
  const left = Math.ceil(secondsBetween(instant(now), body.until));
  return new LockstepError(
    'LEASE_HELD',
    `the lease of ${credential} is held for ${left} s more; try again then`,
    {
      retryAfterSeconds: Math.min(left, 5),
    },
  );
}

async function assertAllHeld(
  ledger: Ledger,
  clock: Clock,
  credentials: readonly string[],
  holder: string,
): Promise<void> {
  for (const credential of credentials) {
    const row = await ledger.read('lease', credential, 'lease');
    if (!row || row.body.holder !== holder || reached(row.body.until, clock())) {
      throw new LockstepError(
        'LEASE_HELD',
        `the lease of ${credential} ran out while it was needed; the step will be run again`,
      );
    }
  }
}

/** A released lease is over at any time of any clock, also of one that is set back later. */
const RELEASED = instant(new Date(0));

async function release(ledger: Ledger, credential: string, { holder }: LeaseRequest): Promise<void> {
  const row = await ledger.read('lease', credential, 'lease');
  if (row?.body.holder === holder) await ledger.commit([replace(row, { ...row.body, until: RELEASED })]);
}

async function keepFor(ledger: Ledger, credential: string, { holder, purpose }: LeaseRequest): Promise<void> {
  const row = await ledger.read('lease', credential, 'lease');
  if (row?.body.holder !== holder || purpose === undefined) return;
  await ledger.commit([replace(row, { ...row.body, keptFor: purpose })]);
}
