import { DatabaseError } from 'pg';
import type { ErrorCode } from '../core/errors.ts';

/** What PostgreSQL answered (https://www.postgresql.org/docs/16/errcodes-appendix.html); `undefined` where it did not. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof DatabaseError ? error.code : undefined;

/**
 * True where a login was refused for what it was: a wrong password (28P01), or a role that may not log in
 * (28000). The same 28000 without a rule in pg_hba.conf says nothing about the credential: everybody from
 * this address is refused. Texts are translated, so the function that raised it is what tells them apart.
 */
export const refusesCredential = (error: unknown): boolean =>
  error instanceof DatabaseError &&
  (error.code === '28P01' || (error.code === '28000' && error.routine !== 'ClientAuthentication'));

interface Meaning {
  readonly code: ErrorCode;
  /** What the server did, to follow "PostgreSQL at …"; and the next move. */
  readonly says: string;
}

const BUSY = 'is busy; it is tried again';
const GONE = 'ended the session; it is tried again';

const REPLICA: Meaning = {
  code: 'TARGET_REFUSED',
  says: 'is a read-only replica; declare the endpoint of the writer',
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  '53100': { code: 'TARGET_FULL', says: 'has no disk space left; make some' },
  '53200': { code: 'TARGET_BUSY', says: 'is out of memory; it is tried again' },
  '53300': {
    code: 'TARGET_BUSY',
    says: 'has too many connections, or the role has reached its own limit; it is tried again',
  },
  '53400': { code: 'TARGET_BUSY', says: BUSY },
  '57P03': { code: 'TARGET_BUSY', says: 'is starting or stopping; it is tried again' },
  '55P03': { code: 'TARGET_BUSY', says: 'is changing the same role for somebody else; it is tried again' },
  '57014': { code: 'TARGET_BUSY', says: 'took too long for a statement and gave it up; it is tried again' },
  '40001': { code: 'TARGET_BUSY', says: BUSY },
  '40P01': { code: 'TARGET_BUSY', says: BUSY },
  '25P03': { code: 'TARGET_BUSY', says: 'undid a change that had stood still; it is tried again' },
  '57P01': { code: 'TARGET_UNREACHABLE', says: GONE },
  '57P02': { code: 'TARGET_UNREACHABLE', says: GONE },
  '57P05': { code: 'TARGET_UNREACHABLE', says: GONE },
  '25006': REPLICA,
  '3D000': { code: 'TARGET_REFUSED', says: 'has no such database; create it, or correct the inventory' },
  '42704': { code: 'TARGET_REFUSED', says: 'has no such role; create it, or correct the inventory' },
};

/** What a SQLSTATE means to us; `undefined` for one that says nothing we could act upon. */
export function meaningOf(error: DatabaseError): Meaning | undefined {
  switch (`${error.code} ${error.routine}`) {
    // ALTER ROLE met another one that did not take our lock (src/backend/access/heap/heapam.c).
    case 'XX000 simple_heap_update':
      return { code: 'TARGET_BUSY', says: BUSY };
    // The one boolean that we set says that a transaction writes (src/backend/utils/misc/guc.c).
    case '0A000 call_bool_check_hook':
      return REPLICA;
    default:
      return MEANINGS[error.code ?? ''];
  }
}
