import { LockstepError } from '../../core/errors.ts';
import type { Rotator } from '../../core/ports/rotator.ts';
import { instant } from '../../core/time.ts';
import { installAuthority } from './authority-install.ts';
import { endOldSessions } from './authority-sessions.ts';
import { postgresAuthorityCapabilities } from './capabilities.ts';
import { assertLeadsTo, loginValueText, readLoginValue } from '../../postgres/login-value.ts';
import { newPassword } from '../../servers/new-password.ts';
import { unknownUse } from './observe-slots.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';
import { proveEnded, proveLogin } from './prove-login.ts';
import { postgresAuthorityTarget } from './target.ts';

/**
 * The login that changes slots, changing its own password in place. PostgreSQL keeps one verifier for a role,
 * so the predecessor ends with the installation, and only the installed version may never be stopped: without
 * it nothing could make another.
 */
export const postgresAuthorityRotator = (ports: PostgresPorts): Rotator => ({
  capabilities: postgresAuthorityCapabilities,
  keyOf: (value) => readLoginValue(value).username,

  checkFirst(credential, value) {
    const target = postgresAuthorityTarget(credential);
    const login = readLoginValue(value);
    assertLeadsTo(login, target);
    if (login.username === target.role) return;
    throw new LockstepError(
      'VALUE_MALFORMED',
      `the first value of ${credential.name} must be the login of role ${target.role}`,
    );
  },

  async issue({ credential }) {
    const { endpoint, role, database } = postgresAuthorityTarget(credential);
    const place = { host: endpoint.host, port: endpoint.port, dbname: database };
    const value = loginValueText({ ...place, username: role, password: newPassword(ports.randomBytes) });
    return { key: role, value };
  },

  install: (request, successor) => installAuthority(ports, request, successor),

  async verify({ credential }, version) {
    const declared = postgresAuthorityTarget(credential);
    return proveLogin(ports, { credential, held: version, declared }, () => Promise.resolve());
  },

  // Its sessions are the target function's own and say nothing of who holds which value.
  observe: () => Promise.resolve(unknownUse(instant(ports.clock()))),

  disable: ({ credential }) => Promise.reject(notSupported(credential.name, 'disabled')),
  enable: ({ credential }) => Promise.reject(notSupported(credential.name, 'enabled')),

  // The password ended with the installation; what may be left of it are sessions.
  revoke: (request) => endOldSessions(ports, request, 'revoke'),
  stopNow: (request) => endOldSessions(ports, request, 'stop'),

  proveRefused: async ({ credential }, version) =>
    proveEnded(ports, { credential, held: version, declared: postgresAuthorityTarget(credential) }),

  listOurs: () => Promise.resolve([]),
});

const notSupported = (credential: string, what: string): LockstepError =>
  new LockstepError(
    'NOT_SUPPORTED',
    `${credential} has one password, and a version of it cannot be ${what}: the one before ended when this one was installed`,
  );
