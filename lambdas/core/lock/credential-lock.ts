import { isLockstepError, LockstepError } from '../errors.ts';
import type { Lock } from '../ledger-rows.ts';
import { create, replace, type Ledger, type LedgerRow } from '../ports/ledger.ts';
import { instant, reached, secondsAfter, secondsBetween, type Clock } from '../time.ts';

/** Who asks for the lock, and how long it may last without an answer from its holder. */
export interface LockRequest {
  /** Unique per attempt, not per function: two invocations of one function are strangers. */
  readonly holder: string;
  /** Longer than an invocation can live, so that no holder outlives its lock unknowingly. */
  readonly seconds: number;
  /** What it is taken for. One that was kept may be taken at once by whoever comes to finish the same thing. */
  readonly purpose?: string;
}

/** A lock that is held. */
export interface HeldLock {
  /** Throws `LOCK_HELD` if somebody has taken it over since. Ask before an effect that follows a wait. */
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
 * that died loses its lock when the time is up; each taking raises the fence. Not releasing (a crash)
 * only makes the next one wait.
 */
export async function withLock<T>(
  ledger: Ledger,
  clock: Clock,
  credentials: readonly string[],
  request: LockRequest,
  work: (lock: HeldLock) => Promise<T>,
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

async function take(ledger: Ledger, clock: Clock, credential: string, request: LockRequest): Promise<void> {
  const row = await ledger.read('lock', credential, 'lock');
  const now = clock();
  const isFree = !row || reached(row.body.until, now) || mayFinish(row.body, request);
  if (!isFree) throw heldByAnother(row, now);

  const body: Lock = {
    holder: request.holder,
    fence: (row?.body.fence ?? 0) + 1,
    until: secondsAfter(instant(now), request.seconds),
  };
  const write = row ? replace(row, body) : create('lock', credential, 'lock', body);
  await ledger.commit([write]).catch((error: unknown) => {
    if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    throw new LockstepError('LOCK_HELD', `somebody else took the lock of ${credential} first; try again`, {
      retryAfterSeconds: 1,
      cause: error,
    });
  });
}

/** Its holder has ended, and left undone what this one comes for. */
const mayFinish = ({ holder, keptFor }: Lock, request: LockRequest): boolean =>
  holder === request.holder || (keptFor !== undefined && keptFor === request.purpose);

function heldByAnother({ credential, body }: LedgerRow<'lock'>, now: Date): LockstepError {
  const left = Math.ceil(secondsBetween(instant(now), body.until));
  return new LockstepError(
    'LOCK_HELD',
    `the lock of ${credential} is held for ${left} s more; try again then`,
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
    const row = await ledger.read('lock', credential, 'lock');
    if (!row || row.body.holder !== holder || reached(row.body.until, clock())) {
      throw new LockstepError(
        'LOCK_HELD',
        `the lock of ${credential} ran out while it was needed; the step will be run again`,
      );
    }
  }
}

/** A released lock is over at any time of any clock, also of one that is set back later. */
const RELEASED = instant(new Date(0));

async function release(ledger: Ledger, credential: string, { holder }: LockRequest): Promise<void> {
  const row = await ledger.read('lock', credential, 'lock');
  if (row?.body.holder === holder) await ledger.commit([replace(row, { ...row.body, until: RELEASED })]);
}

async function keepFor(ledger: Ledger, credential: string, { holder, purpose }: LockRequest): Promise<void> {
  const row = await ledger.read('lock', credential, 'lock');
  if (row?.body.holder !== holder || purpose === undefined) return;
  await ledger.commit([replace(row, { ...row.body, keptFor: purpose })]);
}
