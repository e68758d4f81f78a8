import { LockstepError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { ServerEndpoint } from '../contracts/targets/endpoint.ts';

/** What the vault holds of a database login: the shape of AWS's own database secrets. */
export interface LoginValue {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: Secret;
}

/** Where a login leads, as the inventory declares it. */
export interface DeclaredLogin {
  readonly endpoint: ServerEndpoint;
  readonly database: string;
}

/** The secret string for the vault. */
export const loginValueText = ({ host, port, dbname, username, password }: LoginValue): Secret =>
  new Secret(
    JSON.stringify({ engine: 'postgres', host, port, dbname, username, password: password.reveal() }),
  );

/**
 * Reads a stored or supplied value. Fields that AWS's console adds beside ours are left alone. Throws
 * `VALUE_MALFORMED` without quoting any of it.
 */
export function readLoginValue(value: Secret): LoginValue {
  const fields = fieldsOf(value);
  if (!fields) throw malformed('an object with engine, host, port, dbname, username and password');
  const { engine, host, port, dbname, username, password } = fields;
  if (engine !== 'postgres') throw malformed('one whose engine is postgres');
  if (typeof port !== 'number' || !Number.isInteger(port)) throw malformed('one whose port is a number');
  if (typeof password !== 'string' || !/^[\x21-\x7e]{1,1024}$/.test(password))
    throw malformed('one whose password is printable ASCII without spaces');
  return {
    host: words('host', host),
    port,
    dbname: words('dbname', dbname),
    username: words('username', username),
    password: new Secret(password),
  };
}

/**
 * Refuses a value that leads elsewhere than the inventory says: dependents would follow it there, and a login
 * proved at the declared place would say nothing about that one.
 */
export function assertLeadsTo(
  { host, port, dbname }: LoginValue,
  { endpoint, database }: DeclaredLogin,
): void {
  const same =
    host.toLowerCase() === endpoint.host.toLowerCase() && port === endpoint.port && dbname === database;
  if (same) return;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `the value does not lead where the inventory says: ${endpoint.host}:${endpoint.port}, database ${database}; ` +
      'put a value with these, or correct the inventory',
  );
}

const words = (name: string, value: unknown): string => {
  if (typeof value === 'string' && value.length > 0 && value.length <= 255) return value;
  throw malformed(`one whose ${name} is a text`);
};

const malformed = (expected: string): LockstepError =>
  new LockstepError(
    'VALUE_MALFORMED',
    `the value of a database login should be ${expected}; put a correct one`,
  );

function fieldsOf(value: Secret): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value.reveal());
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    // The parser's message quotes what it was given.
    return undefined;
  }
}
