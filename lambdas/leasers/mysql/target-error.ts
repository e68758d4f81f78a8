import type { ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { LockstepError, type ErrorCode } from '../../core/errors.ts';
import { systemCodeOf } from '../../servers/network-failure.ts';
import type { Dialled } from './dial.ts';

/** Who wanted in where. */
export interface LoginSubject {
  readonly endpoint: ServerEndpoint;
  readonly user: string;
}

const at = ({ endpoint: { host, port } }: LoginSubject): string => `MySQL at ${host}:${port}`;

/** The number of an error that the server answered; `undefined` where it did not. */
export const errorNumber = (error: unknown): number | undefined =>
  error instanceof Error && 'errno' in error && 'sqlState' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined;

const unreachable = (subject: LoginSubject, what: string, cause: unknown): LockstepError =>
  new LockstepError('TARGET_UNREACHABLE', `${at(subject)} ${what}; it is tried again`, { cause });

/** The error for a login that did not come to be. The foreign error is kept as its cause, its text is not. */
export function loginError(
  subject: LoginSubject,
  dialled: Dialled,
  timedOut: boolean,
  cause: unknown,
): LockstepError {
  const refusal = dialled.refusal();
  if (refusal) return refusal;
  if (timedOut) return unreachable(subject, `did not answer in time (${dialled.stage()})`, cause);
  if (errorNumber(cause) !== undefined) return serverError(subject, 'the login', cause);
  switch (dialled.stage()) {
    case 'name':
      return unreachable(subject, 'cannot be found: its host name leads nowhere (dns)', cause);
    case 'network':
      return unreachable(subject, 'cannot be reached over the network (tcp)', cause);
    case 'login':
      return loginBrokeOff(subject, cause);
  }
}

function loginBrokeOff(subject: LoginSubject, cause: unknown): LockstepError {
  const { ca, host } = subject.endpoint;
  const error = (code: ErrorCode, what: string): LockstepError =>
    new LockstepError(code, `${at(subject)} ${what}`, { cause });
  switch (systemCodeOf(cause)) {
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return error(
        'TARGET_REFUSES_TLS',
        'knows no TLS, and nothing is sent to it in plain text; switch it on there',
      );
    case 'HANDSHAKE_SSL_ERROR':
      return error(
        'TARGET_REFUSES_TLS',
        `was not proved to be itself: its certificate must lead to ${ca === undefined ? 'a root that the system trusts' : 'the declared ca'} ` +
          `and name ${host}; correct endpoint.ca or the certificate`,
      );
    case 'AUTH_SWITCH_PLUGIN_ERROR':
    case 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED':
      return error(
        'TARGET_REFUSED',
        `did not go through caching_sha2_password for user ${subject.user}; make sure that it is the right server`,
      );
    default:
      return unreachable(subject, 'broke the connection off (login)', cause);
  }
}

/** The error for a statement that failed. A lost answer leaves its effect unknown: the caller's repeat decides. */
export function statementError(subject: LoginSubject, doing: string, cause: unknown): LockstepError {
  if (cause instanceof LockstepError) return cause;
  return errorNumber(cause) === undefined
    ? unreachable(subject, `went away during ${doing}`, cause)
    : serverError(subject, doing, cause);
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
}

const BUSY: Meaning = { code: 'TARGET_BUSY', says: 'is busy; it is tried again' };
const FULL: Meaning = { code: 'TARGET_FULL', says: 'has no disk space left; make some' };
const ENDING: Meaning = { code: 'TARGET_UNREACHABLE', says: 'ended the session; it is tried again' };
const CROWDED: Meaning = {
  code: 'TARGET_BUSY',
  says: 'has too many connections, or the user has reached its own limit; it is tried again',
};
const READ_ONLY: Meaning = {
  code: 'TARGET_REFUSED',
  says: 'takes no change of its accounts: it is a read-only replica, or was started so; declare the endpoint of the writer',
};
const NO_ROLE: Meaning = {
  code: 'TARGET_REFUSED',
  says: 'has no such role; create it, or correct the inventory',
};
const LOGIN: Meaning = { code: 'TARGET_REFUSES_LOGIN', says: 'lets nobody in with that login' };
const LACKS: Meaning = {
  code: 'TARGET_LACKS_GRANT',
  says: 'does not let its user do that; lockstep supply prints the rights of a lease authority',
};

/** What a number means to us (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html). */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  1021: FULL,
  1114: FULL,
  1037: BUSY,
  1041: BUSY,
  1205: BUSY,
  1213: BUSY,
  1040: CROWDED,
  1203: CROWDED,
  1226: CROWDED,
  1053: ENDING,
  1317: BUSY,
  4031: ENDING,
  1290: READ_ONLY,
  1836: READ_ONLY,
  3100: READ_ONLY,
  3523: NO_ROLE,
  1045: LOGIN,
  1129: LOGIN,
  1130: LOGIN,
  1862: LOGIN,
  3118: LOGIN,
  1044: LACKS,
  1142: LACKS,
  1143: LACKS,
  1227: LACKS,
  1410: LACKS,
  3159: {
    code: 'TARGET_REFUSES_TLS',
    says: 'speaks TLS alone; declare the ca that its certificate leads to',
  },
};

function serverError(subject: LoginSubject, doing: string, cause: unknown): LockstepError {
  const number = errorNumber(cause) ?? 0;
  const meaning = MEANINGS[number];
  if (meaning) {
    const message = `${at(subject)} ${meaning.says} (${doing}, user ${subject.user})`;
    return new LockstepError(meaning.code, message, { cause });
  }
  return new LockstepError(
    'TARGET_REFUSED',
    `${at(subject)} refused ${doing} of user ${subject.user} with error ${number}; its log has the reason`,
    { cause },
  );
}
