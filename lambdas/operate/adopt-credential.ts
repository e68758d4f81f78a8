import type { Orders } from '../contracts/orders.ts';
import { auditedEffect } from '../core/audit/audited-effect.ts';
import { secretName, type Credential } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import { findCredential } from '../core/find-credential.ts';
import { create, replace } from '../core/ports/ledger.ts';
import { instant, secondsAfter } from '../core/time.ts';
import { tokenFor } from '../request-rotation/admit-rotation.ts';
import { orderSubject, type OperatePorts, type Operator, type OrderAnswer } from './operate-ports.ts';

/** The longest interval that Secrets Manager takes: its own schedule is only the backstop. */
const BACKSTOP_DAYS = 1000;

/**
 * Adoption, in the order in which nothing rotates by accident: the value is there (a person put it with
 * their own right, or the target function makes it now), the target function proves it by a login, and only
 * then is the rotation configured, with `RotateImmediately: false`. Running it again goes on where it
 * stopped; an adopted credential is left alone.
 */
export async function adoptCredential(
  ports: OperatePorts,
  operator: Operator,
  order: Orders['adopt'],
): Promise<OrderAnswer> {
  const credential = findCredential(ports.inventory, order.credential);
  const { name } = credential;
  const known = (await ports.ledger.read('credential', name, 'state'))?.body;
  if (known?.adoptedAt)
    return { said: `${name} was adopted at ${known.adoptedAt}`, facts: { credential: name, repeated: true } };

  await openAdoptionIntents(ports, operator, credential);
  await auditedEffect(
    ports,
    orderSubject(ports, operator, 'adopt-credential', { credential: name }),
    async () => {
      const current = await proveValue(ports, credential, order.value);
      await configureRotation(ports, credential, current);
      await markAdopted(ports, name, current);
    },
  );
  return {
    said: `${name} is adopted; its first rotation can be asked for: lockstep rotate ${name}`,
    facts: { credential: name },
  };
}

/** The target function reads this credential and its authority for a reason that the watch must be able to find. */
async function openAdoptionIntents(
  ports: OperatePorts,
  operator: Operator,
  { name }: Credential,
): Promise<void> {
  const at = instant(ports.clock());
  const body = {
    purpose: 'adoption' as const,
    by: operator.name,
    openedAt: at,
    closesAt: secondsAfter(at, 900),
  };
  await ports.ledger.commit([create('intent', name, ports.newId(), body, secondsAfter(at, 7 * 86_400))]);
}

async function proveValue(
  ports: OperatePorts,
  credential: Credential,
  value: 'stored' | 'issue',
): Promise<string> {
  const { name, family } = credential;
  if (value === 'issue') {
    // The same token each time: running again finds the value that the first try has stored.
    const token = tokenFor({ credential: name, requestId: 'first value' });
    return (await ports.targets.call(family, { do: 'issue-first', credential: name, token })).version;
  }
  const current = await currentVersion(ports, name);
  const { works } = await ports.targets.call(family, { do: 'prove', credential: name });
  if (works) return current;
  throw new LockstepError(
    'SUCCESSOR_REJECTED',
    `the target refuses the value that was put for ${name}; put one that works, then adopt again`,
  );
}

async function currentVersion({ vault, inventory }: OperatePorts, name: string): Promise<string> {
  const { versions } = await vault.describe(secretName(inventory.environment, name));
  const current = Object.entries(versions).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  if (current !== undefined) return current;
  throw new LockstepError(
    'NOT_ADOPTED',
    `${name} has no value yet; put one with: lockstep adopt ${name} --from-stdin, or let it be made: --issue`,
  );
}

/** Registers the function and the backstop. Secrets Manager answers with a `testSecret` alone; nothing rotates. */
async function configureRotation(
  ports: OperatePorts,
  { name, family }: Credential,
  current: string,
): Promise<void> {
  const secretId = secretName(ports.inventory.environment, name);
  const token = tokenFor({ credential: name, requestId: `configuration of ${current}` });
  const configure = { functionArn: ports.targetArn(family), everyDays: BACKSTOP_DAYS };
  await ports.vault.startRotation(secretId, { token, immediately: false, configure });
}

async function markAdopted(ports: OperatePorts, name: string, current: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const row = await ports.ledger.read('credential', name, 'state');
    const at = instant(ports.clock());
    const body = { ...(row?.body ?? { fence: 0 }), adoptedAt: at, current, currentSince: at };
    try {
      await ports.ledger.commit([row ? replace(row, body) : create('credential', name, 'state', body)]);
      return;
    } catch (error) {
      if (!isLockstepError(error, 'LEDGER_CONFLICT') || attempt >= 8) throw error;
    }
  }
}
