import { LockstepError } from '../../core/errors.ts';
import type { Rotator } from '../../core/ports/rotator.ts';
import { postgresCapabilities } from './capabilities.ts';
import { endVersion, notASlot, slotChange } from './change-slot.ts';
import { disableSlot, enableSlot } from './disable-slot.ts';
import { installSlot } from './install-slot.ts';
import { assertLeadsTo, loginValueText, readLoginValue } from '../../postgres/login-value.ts';
import { newPassword } from '../../servers/new-password.ts';
import { observeSlots } from './observe-slots.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { probeOwnerRole, proveEnded, proveLogin } from './prove-login.ts';
import { otherSlot, postgresTarget } from './target.ts';

/**
 * Database logins with two slots of one owner role: the successor is always installed in the slot that the
 * current version does not use, so no login that works is ever touched before it is retired.
 *
 * A slot that was revoked stays closed until its next installation. Each slot remembers, in the comment on
 * its role, which version it holds and the highest fence it has obeyed; see slot-decision.ts.
 */
export const postgresRotator = (ports: PostgresPorts): Rotator => ({
  capabilities: postgresCapabilities,
  keyOf: (value) => readLoginValue(value).username,

  checkFirst(credential, value) {
    const target = postgresTarget(credential);
    const login = readLoginValue(value);
    assertLeadsTo(login, target);
    if (otherSlot(target.slots, login.username) !== undefined) return;
    throw new LockstepError(
      'VALUE_MALFORMED',
      `the first value of ${credential.name} must be the login of one of its slots, ${target.slots.join(' or ')}`,
    );
  },

  async issue({ credential }, current) {
    const { endpoint, database, slots } = postgresTarget(credential);
    // The names are declared, not derived: a role that merely ends like a copy is never taken for one.
    const username = current === undefined ? slots[0] : otherSlot(slots, current.key);
    if (username === undefined) throw notASlot(credential.name, current?.key ?? '', slots);
    const place = { host: endpoint.host, port: endpoint.port, dbname: database };
    const value = loginValueText({ ...place, username, password: newPassword(ports.randomBytes) });
    return { key: username, value };
  },

  install: (request, successor, current) => installSlot(ports, request, successor, current),

  async verify(request, version) {
    const { credential } = request;
    const declared = postgresTarget(credential);
    return proveLogin(ports, { credential, held: version, declared }, (session) =>
      probeOwnerRole(session, declared.ownerRole),
    );
  },

  observe: (request, versions, dependents) => observeSlots(ports, request, versions, dependents),
  disable: (request, version) => disableSlot(ports, request, version),
  enable: (request, version) => enableSlot(ports, request, version),
  revoke: async (request, version) => endVersion(slotChange(ports, request, version), version, 'revoked'),
  stopNow: async (request, version) => endVersion(slotChange(ports, request, version), version, 'stopped'),

  proveRefused: async ({ credential }, version) =>
    proveEnded(ports, { credential, held: version, declared: postgresTarget(credential) }),

  // The slots are declared: there is nothing at the target that only a list could find.
  listOurs: () => Promise.resolve([]),
});
