import { passwordVerifier } from '../../../lambdas/leasers/mysql/caching-sha2.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { MysqlError } from './wire.ts';

/** An account of the double. */
export interface DoubleAccount {
  readonly user: string;
  readonly host: string;
  readonly verifier: string;
  readonly isLocked: boolean;
  readonly needsTls: boolean;
  readonly limit: number;
  readonly roles: readonly string[];
  readonly attribute: Readonly<Record<string, unknown>> | undefined;
}

const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const known = new Map<string, boolean>();

/** Whether a password is the one of a verifier. A server asks that once, too, and keeps the answer. */
export function isPasswordOf(password: string, verifier: string): boolean {
  if (password === '') return false;
  const cached = known.get(`${password} ${verifier}`);
  if (cached !== undefined) return cached;
  const salt = Array.from(Buffer.from(verifier, 'hex').toString('latin1').slice(7, 27));
  const bytes = Uint8Array.from(salt, (letter) => LETTERS.indexOf(letter));
  const is = passwordVerifier(new Secret(password), () => bytes) === `0x${verifier}`;
  known.set(`${password} ${verifier}`, is);
  return is;
}

/** What a text in SQL says. */
export const unquoted = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, letter: string) => (letter === '0' ? '\u0000' : letter));

const NAME = `'((?:[^'\\\\]|\\\\.)*)'`;
const ACCOUNT = `${NAME}@${NAME}`;

/** Everything that the leaser and an administrator say of an account, in the order in which MySQL wants it. */
const STATEMENT = new RegExp(
  `^(CREATE|ALTER) USER (IF NOT EXISTS )?${ACCOUNT}` +
    `( IDENTIFIED WITH 'caching_sha2_password' AS 0x([0-9a-f]+))?( DEFAULT ROLE (${ACCOUNT}(?:, ${ACCOUNT})*))?` +
    `( REQUIRE (NONE|SSL))?( WITH MAX_USER_CONNECTIONS (\\d+))?( PASSWORD EXPIRE NEVER)?( ACCOUNT (LOCK|UNLOCK))?` +
    `( ATTRIBUTE ${NAME})?;?$`,
  's',
);

/** One statement about an account: what becomes of it. Throws what MySQL answers to what it does not know. */
export function changedAccount(
  sql: string,
  find: (user: string, host: string) => DoubleAccount | undefined,
  mayGrant: (role: string) => boolean,
): DoubleAccount {
  const found = STATEMENT.exec(sql);
  if (!found) throw new MysqlError(1064, `You have an error in your SQL syntax near '${sql}'`);
  const [, verb, ifNotExists, user = '', host = '', , verifier, , roles] = found;
  const [require, limit, lock, attribute] = [found[14], found[16], found[19], found[21]];
  const before = find(user, host);
  if (verb === 'CREATE' && before && ifNotExists === undefined)
    throw new MysqlError(1396, 'Operation CREATE USER failed');
  if (verb === 'ALTER' && !before) throw new MysqlError(1396, 'Operation ALTER USER failed');
  const granted = [...(roles ?? '').matchAll(/'([^']*)'@'%'/g)].map(([, role = '']) => role);
  if (!granted.every(mayGrant)) throw new MysqlError(1227, 'Access denied; you need WITH ADMIN');
  return {
    user,
    host,
    verifier: verifier ?? before?.verifier ?? '',
    isLocked: lock === undefined ? (before?.isLocked ?? false) : lock === 'LOCK',
    needsTls: require === undefined ? (before?.needsTls ?? false) : require === 'SSL',
    limit: limit === undefined ? (before?.limit ?? 0) : Number(limit),
    roles: before?.roles ?? granted,
    attribute: attribute === undefined ? before?.attribute : merged(before?.attribute, unquoted(attribute)),
  };
}

/** MySQL merges what is written into what is there (RFC 7396). */
function merged(before: Readonly<Record<string, unknown>> | undefined, text: string) {
  return patched(before ?? {}, JSON.parse(text) as Readonly<Record<string, unknown>>);
}

function patched(
  before: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = isObject(value) && isObject(result[name]) ? patched(result[name], value) : value;
  }
  return result;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
