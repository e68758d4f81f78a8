import { assertNotTooLate, outlivesBy, secondsLeft } from '../../core/access/issue-times.ts';
import { LockstepError } from '../../core/errors.ts';
import type { IssuedLease, LeaserRequest, LeaseTimes } from '../../core/ports/leaser.ts';
import type { Instant } from '../../core/time.ts';
import { instantOf, type MintedServiceAccount } from '../../openai/answers.ts';
import { createServiceAccount, deleteServiceAccount, narrowProjectKey } from '../../openai/organization.ts';
import { settle } from '../../openai/settle.ts';
import { tryKey } from '../../openai/try-key.ts';
import {
  atProject,
  isTombstone,
  leaseAccounts,
  type AtProject,
  type LeaseAccount,
  type OpenaiLeasePorts,
} from './at-project.ts';
import { accountName, leaseKey } from './lease-name.ts';
import { leasedKeyText } from './value.ts';

/**
 * The provider caches keys and gives no number. A new one is asked for this long before it is taken back: whoever asked
 * waits, and a lease function does not run for longer than 45 s.
 */
const SETTLING_SECONDS = 15;

/**
 * Makes a key for one lease, with a service account of its own, and proves it.
 *
 * The provider has no fence and no idempotency key. What holds instead is an order: whoever makes a key looks for others,
 * and for a tombstone, only after it is made; whoever ends the lease raises the tombstone before it looks for keys. So of
 * two that cross, one sees the other, and nothing is left that nobody saw.
 */
export async function issueKey(
  ports: OpenaiLeasePorts,
  request: LeaserRequest,
  times: LeaseTimes,
): Promise<IssuedLease> {
  const { leaseId, fence, leasable } = request;
  assertNotTooLate(leaseId, times, ports.clock());
  const at = atProject(ports, request, () => Date.parse(times.notAfter) - ports.clock().getTime());
  const { access, project, prefix, scopes } = at;
  const seconds = Math.max(1, secondsLeft(times, ports.clock()));
  const made = await createServiceAccount(access, project, accountName(prefix, leaseId, fence), seconds);
  try {
    const expiresAt = expiryOf(made, times, leasable.name);
    await standAlone(at, request, made);
    if (scopes) await narrowProjectKey(access, project, made.api_key.id, scopes);
    await proveTaken(ports, at, made, times);
    assertNotTooLate(leaseId, times, ports.clock());
    const value = leasedKeyText({
      apiKey: made.api_key.value,
      keyId: made.api_key.id,
      serviceAccountId: made.id,
      project,
      mintedAt: instantOf(made.created_at),
      expiresAt,
    });
    return { key: leaseKey(prefix, leaseId), value, expiresAt };
  } catch (error) {
    // Nobody has got the value. What cannot be taken back here ends by its own time, and with the lease.
    await deleteServiceAccount(atProject(ports, request).access, project, made.id).catch(() => undefined);
    throw error;
  }
}

/** What the provider promises of the end of a key. A key that it would not end is not handed over. */
function expiryOf(
  { api_key: { expires_at } }: MintedServiceAccount,
  times: LeaseTimes,
  subject: string,
): Instant {
  const promised = typeof expires_at === 'number' ? instantOf(expires_at) : undefined;
  if (promised !== undefined && outlivesBy(times, promised) === undefined) return promised;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the API of ${subject} made a key that ends ${promised === undefined ? 'never' : `at ${promised}`}, and was asked for ` +
      `one that ends at ${times.expiresAt}; does it know expires_in_seconds?`,
  );
}

/** Ends what was made before for the same lease; gives way to what was made later, and to its end. */
async function standAlone(at: AtProject, request: LeaserRequest, made: MintedServiceAccount): Promise<void> {
  const { leaseId, fence } = request;
  const others = (await leaseAccounts(at)).filter((each) => each.leaseId === leaseId && each.id !== made.id);
  const later = others.filter((other) => isLater(other, { fence, createdAt: made.created_at, id: made.id }));
  if (others.some(isTombstone) || later.some((other) => other.fence !== fence)) {
    throw new LockstepError(
      'FENCED_OFF',
      `lease ${leaseId} has ended, or was issued anew, while a key for it was made; that key is taken back`,
    );
  }
  if (later.length > 0) {
    throw new LockstepError(
      'TARGET_BUSY',
      `lease ${leaseId} is being issued by somebody else at the same moment; try again`,
    );
  }
  for (const { id } of others) await deleteServiceAccount(at.access, at.project, id);
}

/** One order for all, whoever looks: two that are made at once agree on which stays. */
function isLater(
  other: Pick<LeaseAccount, 'fence' | 'createdAt' | 'id'>,
  own: { readonly fence: number; readonly createdAt: number; readonly id: string },
): boolean {
  const { fence = -1 } = other;
  if (fence !== own.fence) return fence > own.fence;
  return other.createdAt === own.createdAt ? other.id > own.id : other.createdAt > own.createdAt;
}

/** A holder is handed a key that works, not one that will. */
async function proveTaken(
  { sleep, clock }: OpenaiLeasePorts,
  { access }: AtProject,
  made: MintedServiceAccount,
  { notAfter }: LeaseTimes,
): Promise<void> {
  const left = (Date.parse(notAfter) - clock().getTime()) / 1000;
  const trial = {
    ...access,
    sleep,
    path: ['models'],
    key: made.api_key.value,
    settlingSeconds: Math.min(SETTLING_SECONDS, left),
  };
  const shown = await settle(
    sleep,
    trial.settlingSeconds,
    () => tryKey(trial),
    ({ is }) => is !== 'refused',
  );
  if (shown.is === 'accepted') return;
  if (shown.is === 'refused') {
    throw new LockstepError(
      'TARGET_BUSY',
      `the API of ${access.subject} has made a key and does not take it yet; it is taken back, try again`,
    );
  }
  // Narrowed, or at its rate limit: a key that is told so is known.
  const isKnown = shown.error.code === 'TARGET_LACKS_GRANT' || shown.error.code === 'TARGET_BUSY';
  if (!isKnown) throw shown.error;
}
