import type { ServerEndpoint } from '../../contracts/targets/endpoint.ts';
import { LockstepError, type ErrorCode } from '../../core/errors.ts';
import { isBreakCode, isTlsFailure, systemCodeOf } from '../../servers/network-failure.ts';
import type { Stage } from './dial.ts';
import type { ReplyError } from './resp.ts';

/** Who wanted in where. */
export interface LoginSubject {
  readonly endpoint: ServerEndpoint;
  readonly user: string;
}

const at = ({ endpoint: { host, port } }: LoginSubject): string => `Redis at ${host}:${port}`;

const unreachable = (subject: LoginSubject, what: string, cause: unknown): LockstepError =>
  new LockstepError('TARGET_UNREACHABLE', `${at(subject)} ${what}; it is tried again`, { cause });

/** The error for a connection that did not come to be. The foreign error is kept as its cause, its text is not. */
export function connectError(
  subject: LoginSubject,
  stage: Stage,
  timedOut: boolean,
  cause: unknown,
): LockstepError {
  if (cause instanceof LockstepError) return cause;
  if (timedOut) return unreachable(subject, `did not answer in time (${stage})`, cause);
  switch (stage) {
    case 'name':
      return unreachable(subject, 'cannot be found: its host name leads nowhere (dns)', cause);
    case 'network':
      return unreachable(subject, 'cannot be reached over the network (tcp)', cause);
    case 'tls':
      return tlsError(subject, cause);
    case 'login':
      return isTlsFailure(cause)
        ? refusesTls(
            subject,
            'ended TLS (it may ask for a client certificate, which is not supported)',
            cause,
          )
        : unreachable(subject, 'broke the connection off (login)', cause);
  }
}

function tlsError(subject: LoginSubject, cause: unknown): LockstepError {
  const code = systemCodeOf(cause);
  // It went away before or while it spoke of TLS: that is no word about certificates.
  if (code === undefined || isBreakCode(code))
    return unreachable(subject, 'broke the connection off (tls)', cause);
  if (isTlsFailure(cause) && code !== 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const what =
      'did not come to terms about TLS, and nothing is sent to it in plain text; switch its TLS on';
    return refusesTls(subject, what, cause);
  }
  const { ca, host } = subject.endpoint;
  const root = ca === undefined ? 'a root that the system trusts' : 'the declared ca';
  const what = `was not proved to be itself: its certificate must lead to ${root} and name ${host}`;
  return refusesTls(subject, `${what}; correct endpoint.ca or the certificate`, cause);
}

const refusesTls = (subject: LoginSubject, what: string, cause: unknown): LockstepError =>
  new LockstepError('TARGET_REFUSES_TLS', `${at(subject)} ${what}`, { cause });

/** A message whose answer did not come. Its effect is unknown: the caller's repeat decides. */
export const lostAnswer = (subject: LoginSubject, doing: string, cause: unknown): LockstepError =>
  cause instanceof LockstepError ? cause : unreachable(subject, `went away during ${doing}`, cause);

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
}

const CLUSTER: Meaning = {
  code: 'NOT_SUPPORTED',
  says: 'is part of a cluster, each node of which has users of its own: leases need a server that stands alone',
};

/** What the first word of an error means to us (https://github.com/redis/redis/blob/7.0/src/server.c, `shared`). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  LOADING: { code: 'TARGET_BUSY', says: 'is still loading; it is tried again' },
  MAXCLIENTS: { code: 'TARGET_BUSY', says: 'has too many clients; it is tried again' },
  BUSY: { code: 'TARGET_BUSY', says: 'is busy with a script; it is tried again' },
  TRYAGAIN: { code: 'TARGET_BUSY', says: 'is busy; it is tried again' },
  MASTERDOWN: { code: 'TARGET_BUSY', says: 'has lost its primary; it is tried again' },
  OOM: { code: 'TARGET_FULL', says: 'has no memory left; make some' },
  MISCONF: { code: 'TARGET_FULL', says: 'cannot write to its disk and takes no writes; mend that' },
  NOREPLICAS: { code: 'TARGET_REFUSED', says: 'takes no writes without replicas; mend that' },
  READONLY: { code: 'TARGET_REFUSED', says: 'is a replica; declare the endpoint of the primary' },
  DENIED: { code: 'TARGET_REFUSED', says: 'is in protected mode; give its default user a password' },
  UNKNOWN: {
    code: 'NOT_SUPPORTED',
    says: 'does not know a command that leases need: that is Redis 7 or newer, with users made at the server itself',
  },
  MODIFIER: {
    code: 'TARGET_REFUSED',
    says: 'does not know a command, a category or a pattern that the lease is to have; correct the inventory',
  },
  CLUSTERDOWN: CLUSTER,
  MOVED: CLUSTER,
  CROSSSLOT: CLUSTER,
};

/** The error for an answer that is one. */
export function replyError(subject: LoginSubject, doing: string, { kind }: ReplyError): LockstepError {
  const error = (code: ErrorCode, what: string): LockstepError =>
    new LockstepError(code, `${at(subject)} ${what}`);
  if (kind === 'WRONGPASS')
    return error('TARGET_REFUSES_LOGIN', `refuses the password of user ${subject.user}`);
  if (kind === 'NOPERM' || kind === 'NOAUTH') {
    return error(
      'TARGET_LACKS_GRANT',
      `does not let user ${subject.user} do ${doing}; lockstep supply prints the ACL of a lease authority`,
    );
  }
  const meaning = MEANINGS[kind];
  if (meaning) return error(meaning.code, `${meaning.says} (${doing})`);
  return error(
    'TARGET_REFUSED',
    `refused ${doing} of user ${subject.user} with ${kind}; its log has the reason`,
  );
}
