import type { ServerEndpoint } from '../contracts/targets/endpoint.ts';
import { LockstepError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** Servers whose logins are kept in one shape. */
const ENGINES = { mysql: 'MySQL', redis: 'Redis' } as const;
type Engine = keyof typeof ENGINES;

/** What the vault holds of a login of one of them, and what the holder of a lease gets. */
export interface LoginValue {
  readonly host: string;
  readonly port: number;
  /** Where a holder begins; an authority has none. */
  readonly dbname?: string;
  readonly username: string;
  readonly password: Secret;
}

/** The secret string. */
export const loginValueText = (
  engine: Engine,
  { host, port, dbname, username, password }: LoginValue,
): Secret =>
  new Secret(JSON.stringify({ engine, host, port, dbname, username, password: password.reveal() }));

/** Reads a stored or supplied value. Throws `VALUE_MALFORMED` without quoting any of it. */
export function readLoginValue(engine: Engine, value: Secret): LoginValue {
  const malformed = (expected: string): LockstepError => notOf(engine, expected);
  const { engine: found, host, port, username, password } = fieldsOf(engine, value);
  if (found !== engine) throw malformed(`one whose engine is ${engine}`);
  if (typeof host !== 'string' || host.length === 0) throw malformed('one whose host is a text');
  if (typeof port !== 'number' || !Number.isInteger(port)) throw malformed('one whose port is a number');
  if (typeof username !== 'string' || username.length === 0) throw malformed('one whose username is a text');
  if (typeof password !== 'string' || !/^[\x21-\x7e]{1,1024}$/.test(password))
    throw malformed('one whose password is printable ASCII without spaces');
  return { host, port, username, password: new Secret(password) };
}

/** Refuses a value that leads elsewhere than the inventory says, or is somebody else's. */
export function assertLoginOf(
  { host, port, username }: LoginValue,
  { endpoint, user }: { readonly endpoint: ServerEndpoint; readonly user: string },
): void {
  const same =
    host.toLowerCase() === endpoint.host.toLowerCase() && port === endpoint.port && username === user;
  if (same) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `the value is not the login that the inventory says: ${endpoint.host}:${endpoint.port}, user ${user}; ` +
      'put a value with these, or correct the inventory',
  );
}

const notOf = (engine: Engine, expected: string): LockstepError =>
  new LockstepError(
    'VALUE_MALFORMED',
    `the value of a login of ${ENGINES[engine]} should be ${expected}; put a correct one`,
  );

function fieldsOf(engine: Engine, value: Secret): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(value.reveal());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // The parser's message quotes what it was given.
  }
  throw notOf(engine, 'an object with engine, host, port, username and password');
}
