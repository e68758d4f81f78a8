import { DatabaseError } from 'pg';
import { LockstepError } from '../core/errors.ts';
import type { Dialled } from './dial.ts';
import type { ServerEndpoint } from '../contracts/targets/endpoint.ts';
import { isBreakCode, isTlsFailure, systemCodeOf } from '../servers/network-failure.ts';
import { meaningOf, refusesCredential } from './sql-state.ts';

/** Who wanted in where. */
export interface LoginSubject {
  readonly endpoint: ServerEndpoint;
  readonly database: string;
  readonly role: string;
}

/** What is known of a failed attempt besides its error. */
export interface FailedAttempt extends LoginSubject {
  readonly dialled: Dialled;
  readonly timedOut: boolean;
}

const at = ({ endpoint: { host, port } }: LoginSubject): string => `PostgreSQL at ${host}:${port}`;

/** The error for a login that did not come to be. The foreign error is kept as its cause, its text is not. */
export function loginError(attempt: FailedAttempt, cause: unknown): LockstepError {
  if (cause instanceof LockstepError) return cause;
  if (attempt.timedOut)
    return unreachable(attempt, `did not answer in time (${attempt.dialled.stage()})`, cause);
  if (cause instanceof DatabaseError) return refusedLogin(attempt, cause);
  switch (attempt.dialled.stage()) {
    case 'name':
      return unreachable(attempt, 'cannot be found: its host name leads nowhere (dns)', cause);
    case 'network':
      return unreachable(attempt, 'cannot be reached over the network (tcp)', cause);
    case 'tls':
      return tlsError(attempt, cause);
    case 'login':
      return loginBrokeOff(attempt, cause);
  }
}

function unreachable(attempt: FailedAttempt, what: string, cause: unknown): LockstepError {
  return new LockstepError('TARGET_UNREACHABLE', `${at(attempt)} ${what}; it is tried again`, { cause });
}

function tlsError(attempt: FailedAttempt, cause: unknown): LockstepError {
  const answer = attempt.dialled.tlsAnswer();
  if (answer === 'N') {
    const message = `${at(attempt)} knows no TLS, and nothing is sent to it in plain text; switch ssl on there`;
    return new LockstepError('TARGET_REFUSES_TLS', message, { cause });
  }
  // It went away before or while it spoke of TLS: that is no word about certificates.
  if (answer !== 'S' || isBreak(attempt, cause))
    return unreachable(attempt, 'broke the connection off (tls)', cause);
  return new LockstepError(
    'TARGET_REFUSES_TLS',
    `${at(attempt)} was not proved to be itself: its certificate must lead to ` +
      `${attempt.endpoint.ca === undefined ? 'a root that the system trusts' : 'the declared ca'} and name ${attempt.endpoint.host}; ` +
      'correct endpoint.ca or the certificate',
    { cause },
  );
}

/** After the network and TLS, and without an answer of PostgreSQL's own. */
function loginBrokeOff(attempt: FailedAttempt, cause: unknown): LockstepError {
  if (isTlsFailure(cause)) {
    const message = `${at(attempt)} ended TLS (it may ask for a client certificate, which is not supported)`;
    return new LockstepError('TARGET_REFUSES_TLS', message, { cause });
  }
  if (isBreak(attempt, cause)) return unreachable(attempt, 'broke the connection off (login)', cause);
  return new LockstepError(
    'TARGET_REFUSED',
    `${at(attempt)} did not go through SCRAM-SHA-256 for role ${attempt.role}; make sure that it is the right server, and that password_encryption is scram-sha-256`,
    { cause },
  );
}

function refusedLogin(attempt: FailedAttempt, cause: DatabaseError): LockstepError {
  const { role, database } = attempt;
  const error = (code: 'TARGET_REFUSES_LOGIN' | 'TARGET_LACKS_GRANT', what: string): LockstepError =>
    new LockstepError(code, `${at(attempt)} ${what}`, { cause });
  switch (cause.code) {
    case '28P01':
      return error('TARGET_REFUSES_LOGIN', `refuses the password of role ${role}`);
    case '28000':
      return refusesCredential(cause)
        ? error('TARGET_REFUSES_LOGIN', `lets nobody in as role ${role} (NOLOGIN)`)
        : error(
            'TARGET_REFUSES_LOGIN',
            `has no rule in pg_hba.conf that lets role ${role} into database ${database} from here`,
          );
    case '42501':
      return error(
        'TARGET_LACKS_GRANT',
        `keeps role ${role} from database ${database}; run: GRANT CONNECT ON DATABASE "${database}" TO "${role}";`,
      );
    default:
      return statementError(attempt, 'the login', cause);
  }
}

/** The error for a statement that failed. A lost answer leaves its effect unknown: the caller's repeat decides. */
export function statementError(subject: LoginSubject, doing: string, cause: unknown): LockstepError {
  if (cause instanceof LockstepError) return cause;
  if (!(cause instanceof DatabaseError)) {
    const message = `${at(subject)} went away during ${doing}; it is tried again`;
    return new LockstepError('TARGET_UNREACHABLE', message, { cause });
  }
  const meaning = meaningOf(cause);
  if (meaning) return new LockstepError(meaning.code, `${at(subject)} ${meaning.says} (${doing})`, { cause });
  const state = cause.code ?? 'unknown';
  return new LockstepError(
    state === '42501' ? 'TARGET_LACKS_GRANT' : 'TARGET_REFUSED',
    `${at(subject)} refused ${doing} of role ${subject.role} with SQLSTATE ${state}; its log has the reason`,
    { cause },
  );
}

/** The connection ended. Where `pg` says so by itself, its error has no code and the socket is gone. */
function isBreak({ dialled }: FailedAttempt, cause: unknown): boolean {
  const code = systemCodeOf(cause);
  return code === undefined ? dialled.socket.destroyed : isBreakCode(code);
}
