import { auditFact, type AuditPorts } from '../core/audit/audited-effect.ts';
import type { Credential, Inventory } from '../core/credential.ts';
import { sha256Hex } from '../core/digest.ts';
import { isLockstepError, LockstepError, type ErrorCode } from '../core/errors.ts';
import type { Cause } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import type { CredentialState } from '../core/ledger-rows.ts';
import { makeEvent } from '../core/make-event.ts';
import { create, replace, type Ledger, type LedgerRow, type LedgerWrite } from '../core/ports/ledger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import { isOver, type Rotation } from '../core/rotation/rotation.ts';
import { transition } from '../core/rotation/transition.ts';
import { instant, secondsAfter } from '../core/time.ts';

/** What admission needs from outside. */
export interface AdmissionPorts extends AuditPorts {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
}

/** Somebody wants a credential rotated. */
export interface RotationWish {
  readonly credential: string;
  readonly cause: Cause;
  readonly requestedBy: string;
  readonly reason?: string;
  /** The same id is the same request, however often it arrives. */
  readonly requestId: string;
  /** Given where Secrets Manager has chosen it already. */
  readonly token?: string;
}

/** Admitted, or refused before any effect. A refusal is an answer, not a fault. */
export type Admittance =
  | { readonly admitted: true; readonly rotation: Rotation }
  | { readonly admitted: false; readonly code: ErrorCode; readonly message: string };

const ATTEMPTS = 6;

/**
 * Lets a rotation begin, or refuses it: not adopted, held, frozen, or its predecessor still in use. With two
 * slots the next rotation would overwrite the slot that somebody still uses, so that last gate is what keeps
 * dependents alive. Breach mode passes hold, freeze and predecessor, and ends the unfinished rotation.
 *
 * The token comes from the request's id, so a request that arrives twice begins one rotation, also when the
 * first has long ended.
 */
export async function admitRotation(ports: AdmissionPorts, wish: RotationWish): Promise<Admittance> {
  const credential = findCredential(ports.inventory, wish.credential);
  const token = wish.token ?? tokenFor(wish);
  for (let attempt = 1; ; attempt += 1) {
    const known = await ports.ledger.read('rotation', credential.name, token);
    if (known) return { admitted: true, rotation: known.body };
    const state = await ports.ledger.read('credential', credential.name, 'state');
    const refusal = refusalFor(ports, wish, state?.body);
    if (refusal || !state) return refuse(ports, wish, refusal ?? notAdopted(wish.credential));
    const unfinished = await mustGoForward(ports, credential, state.body);
    if (unfinished) return { admitted: true, rotation: unfinished };
    try {
      return { admitted: true, rotation: await begin(ports, credential, wish, token, state) };
    } catch (error) {
      if (!isLockstepError(error, 'LEDGER_CONFLICT') || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** A UUID (version 8, RFC 9562) out of the request's id: 32 hex digits of a digest, with the version and variant bits set. */
export function tokenFor({ credential, requestId }: Pick<RotationWish, 'credential' | 'requestId'>): string {
  const hex = sha256Hex(`lockstep rotation\n${credential}\n${requestId}`).slice(0, 32);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * A credential that changes itself in place, and whose target may know only the pending value by now: giving
 * that rotation up would lose the only value that works. Its end is what retires the leaked one, so breach
 * mode has it started again instead of beginning another.
 */
async function mustGoForward(
  ports: AdmissionPorts,
  { name, strategy }: Credential,
  { active }: CredentialState,
): Promise<Rotation | undefined> {
  if (strategy !== 'in-place' || active === undefined) return undefined;
  const rotation = (await ports.ledger.read('rotation', name, active))?.body;
  if (!rotation || rotation.promotedAt || isOver(rotation)) return undefined;
  const state = await ports.ledger.read('credential', name, 'state');
  const detail = { credential: name, rotation: active };
  const event = makeEvent(
    { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId },
    'rotation.requested',
    detail,
  );
  if (state) await ports.ledger.commit([replace(state, state.body)], [event]);
  return rotation;
}

interface RefusalReason {
  readonly code: ErrorCode;
  readonly message: string;
}

const notAdopted = (name: string): RefusalReason => ({
  code: 'NOT_ADOPTED',
  message: `${name} has not been adopted; run: lockstep adopt ${name}`,
});

function refusalFor(
  ports: AdmissionPorts,
  wish: RotationWish,
  state: CredentialState | undefined,
): RefusalReason | undefined {
  const name = wish.credential;
  if (!state?.adoptedAt) return notAdopted(name);
  if (wish.cause === 'breach') return undefined;
  if (state.hold) {
    return {
      code: 'HELD',
      message: `${name} is held by ${state.hold.by} (${state.hold.reason}); run: lockstep release ${name}`,
    };
  }
  const now = ports.clock().getTime();
  const freeze = ports.inventory.freezes.find(
    ({ from, until }) => Date.parse(from) <= now && now < Date.parse(until),
  );
  if (freeze)
    return { code: 'FROZEN', message: `nothing starts to rotate until ${freeze.until}: ${freeze.reason}` };
  if (state.active !== undefined) {
    return {
      code: 'PREDECESSOR_IN_USE',
      message: `rotation ${state.active} of ${name} is not over, and its predecessor may still be used; see: lockstep status ${name}`,
    };
  }
  return undefined;
}

/** How long a refusal is remembered for `history`. */
const REFUSALS_KEPT_SECONDS = 30 * 86_400;

async function refuse(
  ports: AdmissionPorts,
  wish: RotationWish,
  { code, message }: RefusalReason,
): Promise<Admittance> {
  const at = instant(ports.clock());
  ports.metrics.count('lockstep_rotations_refused', { code });
  const known = await ports.ledger.read('refusal', wish.credential, wish.requestId);
  if (known) return { admitted: false, code, message };
  await auditFact(ports, subjectOf(wish), 'refusal', { outcome: 'refused', code });
  const body = { cause: wish.cause, by: wish.requestedBy, code, message, at };
  await ports.ledger
    .commit([
      create('refusal', wish.credential, wish.requestId, body, secondsAfter(at, REFUSALS_KEPT_SECONDS)),
    ])
    .catch((error: unknown) => {
      // Refused twice at once: the other one has written it down.
      if (!isLockstepError(error, 'LEDGER_CONFLICT')) throw error;
    });
  return { admitted: false, code, message };
}

const subjectOf = ({ credential, cause, requestedBy, reason }: RotationWish) => ({
  chain: credential,
  action: 'request' as const,
  who: {
    kind: cause === 'operator' || cause === 'breach' ? ('operator' as const) : ('policy' as const),
    name: requestedBy,
  },
  what: { credential },
  why: { cause, ...(reason === undefined ? {} : { reason }) },
});

async function begin(
  ports: AdmissionPorts,
  credential: Credential,
  wish: RotationWish,
  token: string,
  state: LedgerRow<'credential'>,
): Promise<Rotation> {
  const at = instant(ports.clock());
  const rotation = newRotation(credential, wish, token, state.body.fence + 1, at);
  const ended =
    wish.cause === 'breach' ? await endUnfinished(ports, credential.name, state.body.active, at) : [];
  const subject = { ...subjectOf(wish), what: { credential: credential.name, rotation: token } };
  // In breach mode nothing waits for the audit.
  await auditFact(ports, subject, 'decision').catch((error: unknown) => {
    if (wish.cause !== 'breach') throw error;
  });
  await ports.ledger.commit(
    [
      replace(state, { ...state.body, active: token, fence: rotation.fence }),
      create('rotation', credential.name, token, rotation),
      ...ended,
    ],
    [
      makeEvent(
        { environment: ports.inventory.environment, clock: ports.clock, newId: ports.newId },
        'rotation.requested',
        {
          credential: credential.name,
          rotation: token,
        },
      ),
    ],
  );
  return rotation;
}

function newRotation(
  credential: Credential,
  wish: RotationWish,
  token: string,
  fence: number,
  at: string,
): Rotation {
  return {
    credential: credential.name,
    token,
    kind: credential.kind,
    strategy: credential.strategy,
    cause: wish.cause,
    requestedBy: wish.requestedBy,
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
    requestId: wish.requestId,
    fence,
    phase: 'requested',
    reached: 'requested',
    dependents: credential.dependents,
    retire: credential.retire,
    observable: false,
    requestedAt: at,
    adoption: {},
    evidence: {},
  };
}

async function endUnfinished(
  { ledger }: AdmissionPorts,
  credential: string,
  active: string | undefined,
  at: string,
): Promise<readonly LedgerWrite[]> {
  if (active === undefined) return [];
  const row = await ledger.read('rotation', credential, active);
  if (!row)
    throw new LockstepError(
      'UNKNOWN_VERSION',
      `the ledger lost rotation ${active} of ${credential}; run: lockstep inventory drift`,
    );
  if (isOver(row.body)) return [];
  const outcome = transition(row.body, { type: 'breached', at });
  return outcome.kind === 'changed' ? [replace(row, outcome.rotation)] : [];
}
