import type { Orders } from '../contracts/orders.ts';
import { auditFact } from '../core/audit/audited-effect.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { LockstepEvent } from '../core/events.ts';
import { findCredential } from '../core/find-credential.ts';
import type { CredentialState } from '../core/ledger-rows.ts';
import { create, replace } from '../core/ports/ledger.ts';
import { instant } from '../core/time.ts';
import {
  eventNow,
  orderSubject,
  type OperatePorts,
  type Operator,
  type OrderAnswer,
} from './operate-ports.ts';

/** From now on nothing starts, is disabled or is revoked. Adoption goes on. */
export async function holdCredential(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['hold'],
): Promise<OrderAnswer> {
  const { credential, reason } = order;
  // Before the audit is written: a mistyped name must not begin a chain of its own.
  findCredential(ports.inventory, credential);
  const since = instant(ports.clock());
  await auditFact(ports, orderSubject(ports, operator, 'hold', order), 'decision');
  const hold = { by: operator.name, reason, since };
  const before = await changeState(ports, credential, (state) => ({ ...state, hold }), 'hold');
  const replaced = before?.hold ? ` (it was held by ${before.hold.by} before: ${before.hold.reason})` : '';
  return { said: `${credential} is held until it is released${replaced}`, facts: { credential, since } };
}

/**
 * Ends a hold, whoever placed it, and has the waiting rotation decided anew; one that the hold kept from beginning is
 * started again, since Secrets Manager has long stopped trying.
 */
export async function releaseCredential(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['release'],
): Promise<OrderAnswer> {
  const { credential } = order;
  findCredential(ports.inventory, credential);
  await auditFact(ports, orderSubject(ports, operator, 'release', order), 'decision');
  const before = await changeState(ports, credential, ({ hold: _released, ...state }) => state, 'release');
  if (!before?.hold) return { said: `${credential} was not held`, facts: { credential, released: false } };
  return {
    said: `${credential} is released; it was held by ${before.hold.by}: ${before.hold.reason}`,
    facts: { credential, released: true },
  };
}

/** Changes a credential's state, and wakes its unfinished rotation in the same commit. Answers the state before. */
async function changeState(
  ports: OperatePorts,
  name: string,
  change: (state: CredentialState) => CredentialState,
  order: 'hold' | 'release',
): Promise<CredentialState | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const row = await ports.ledger.read('credential', name, 'state');
    const after = change(row?.body ?? { fence: 0 });
    const write = row ? replace(row, after) : create('credential', name, 'state', after);
    const events = row?.body.active === undefined ? [] : [await wake(ports, name, row.body.active, order)];
    try {
      await ports.ledger.commit([write], events);
      return row?.body;
    } catch (error) {
      if (!isLockstepError(error, 'LEDGER_CONFLICT') || attempt >= 8) throw error;
    }
  }
}

async function wake(
  ports: OperatePorts,
  credential: string,
  active: string,
  order: 'hold' | 'release',
): Promise<LockstepEvent> {
  const rotation = (await ports.ledger.read('rotation', credential, active))?.body;
  const mayHaveBeenHeldBack = order === 'release' && rotation?.promotedAt === undefined;
  const type = mayHaveBeenHeldBack ? 'rotation.requested' : 'rotation.advanced';
  return eventNow(ports, type, { credential, rotation: active });
}

/** The rotation of a credential that is not over, or an error that says what to do instead. */
export async function unfinishedRotation({ ledger }: OperatePorts, credential: string): Promise<string> {
  const active = (await ledger.read('credential', credential, 'state'))?.body.active;
  if (active !== undefined) return active;
  throw new LockstepError(
    'OUT_OF_ORDER',
    `no rotation of ${credential} is under way; see: lockstep history ${credential}`,
  );
}
