import { fit, number, optional, record, text } from '../contracts/check.ts';
import { sameDigest, tagDigest } from '../core/adoption/acknowledgement-tag.ts';
import type { Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Acknowledgement } from '../core/ledger-rows.ts';
import { makeEvent } from '../core/make-event.ts';
import type { NewId } from '../core/ports/ids.ts';
import { create, type Ledger } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Rotation } from '../core/rotation/rotation.ts';
import { instant, type Clock } from '../core/time.ts';

/** What taking acknowledgements needs from outside. No right to read a value is among it. */
export interface AcknowledgePorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Who asks, as the endpoint has authenticated it. */
export interface Caller {
  readonly workload: string;
}

/** What a dependent sends. docs/formats/acknowledgement.md describes it for other languages. */
interface AcknowledgementRequest {
  readonly credential: string;
  readonly rotation: string;
  readonly dependent: string;
  readonly expectation: string;
  readonly nonce: string;
  readonly tag: string;
  /** How long its read of the vault took, in milliseconds. */
  readonly fetchMs?: number;
}

const request = record<AcknowledgementRequest>({
  credential: text,
  rotation: text,
  dependent: text,
  expectation: text,
  nonce: text,
  tag: text,
  fetchMs: optional(number),
});

/** `repeated`: it had been counted before; its repeat changed nothing. */
export interface AcknowledgementAnswer {
  readonly adopted: true;
  readonly repeated: boolean;
}

/**
 * Takes a proof of adoption. It counts only from the workload that the expectation names, for the version
 * that is expected *now*, with that expectation's own nonce and a tag that only a holder of the value can
 * make. Everything else is refused, counted by its reason, and never logged.
 *
 * Errors: `MALFORMED_REQUEST`; `ACKNOWLEDGEMENT_REFUSED`; `NOT_YET` before promotion.
 */
export async function acknowledge(
  ports: AcknowledgePorts,
  caller: Caller,
  body: unknown,
): Promise<AcknowledgementAnswer> {
  try {
    const sent = fit(request, body, 'MALFORMED_REQUEST', 'an acknowledgement');
    const rotation = await checkedRotation(ports, caller, sent);
    const repeated = await keep(ports, rotation, sent);
    ports.metrics.count('lockstep_acknowledgements', { outcome: repeated ? 'repeated' : 'counted' });
    return { adopted: true, repeated };
  } catch (error) {
    const outcome = isLockstepError(error, 'ACKNOWLEDGEMENT_REFUSED', 'MALFORMED_REQUEST')
      ? 'refused'
      : 'failed';
    ports.metrics.count('lockstep_acknowledgements', {
      outcome: isLockstepError(error, 'NOT_YET') ? 'early' : outcome,
    });
    throw error;
  }
}

const refused = (why: string): LockstepError => new LockstepError('ACKNOWLEDGEMENT_REFUSED', why);

async function checkedRotation(
  { ledger }: AcknowledgePorts,
  caller: Caller,
  sent: AcknowledgementRequest,
): Promise<Rotation> {
  const rotation = (await ledger.read('rotation', sent.credential, sent.rotation))?.body;
  const expectation = (await ledger.read('expectation', sent.credential, sent.expectation))?.body;
  const expected =
    expectation && Object.hasOwn(expectation.expected, sent.dependent)
      ? expectation.expected[sent.dependent]
      : undefined;
  // One answer for all that a stranger could ask about, so that asking teaches nothing.
  if (
    !rotation ||
    !expected ||
    expectation?.rotation !== rotation.token ||
    expected.workload !== caller.workload
  ) {
    throw refused('nothing is expected of this workload under that name');
  }
  if (rotation.expectation !== sent.expectation) {
    throw refused('another version is expected by now; ask what is expected and use that');
  }
  if (expected.nonce !== sent.nonce) throw refused('the nonce is not the one of this expectation');
  if (!sameDigest(tagDigest(sent.tag), expected.tagDigest)) {
    throw refused(
      'the tag does not prove the version that is expected; read the current version and make the tag from it',
    );
  }
  if (!rotation.promotedAt)
    throw new LockstepError('NOT_YET', 'the version is not promoted yet; nothing reads it before', {
      retryAfterSeconds: 1,
    });
  return rotation;
}

/** One row per expectation and dependent, written once: the nonce is used up. */
async function keep(
  ports: AcknowledgePorts,
  rotation: Rotation,
  sent: AcknowledgementRequest,
): Promise<boolean> {
  const { credential, dependent, expectation, tag, fetchMs } = sent;
  const body: Acknowledgement = {
    expectation,
    rotation: rotation.token,
    dependent,
    tag,
    at: instant(ports.clock()),
    ...(fetchMs === undefined ? {} : { fetchMs: Math.min(Math.max(0, fetchMs), 600_000) }),
  };
  const source = { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId };
  const event = makeEvent(source, 'dependent.acknowledged', {
    credential,
    rotation: rotation.token,
    dependent,
  });
  try {
    await ports.ledger.commit(
      [create('acknowledgement', credential, `${expectation}#${dependent}`, body)],
      [event],
    );
    return false;
  } catch (error) {
    if (isLockstepError(error, 'LEDGER_CONFLICT')) return true;
    throw error;
  }
}
