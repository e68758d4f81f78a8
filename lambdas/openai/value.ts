import { LockstepError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** What the vault holds of an `openai` credential. */
export interface ProjectKeyValue {
  readonly apiKey: Secret;
  readonly keyId: string;
  readonly serviceAccountId: string;
  readonly project: string;
  readonly mintedAt: string;
}

/** What the vault holds of an `openai-authority`. */
export interface AdminKeyValue {
  readonly adminKey: Secret;
  readonly keyId: string;
}

const ID = /^[A-Za-z0-9_-]{1,128}$/;
/** Visible ASCII only: `fetch` quotes a header that it refuses, and this one would be the key. */
const KEY = /^sk-[\x21-\x7e]{10,1021}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

/** The secret string for the vault. */
export const projectKeyText = ({ apiKey, ...rest }: ProjectKeyValue): Secret =>
  new Secret(JSON.stringify({ apiKey: apiKey.reveal(), ...rest }));

/** The secret string for the vault. */
export const adminKeyText = ({ adminKey, keyId }: AdminKeyValue): Secret =>
  new Secret(JSON.stringify({ adminKey: adminKey.reveal(), keyId }));

/** Reads a stored or supplied value: exactly these fields. Throws `VALUE_MALFORMED` without quoting any of it. */
export function readProjectKey(value: Secret): ProjectKeyValue {
  const fields = exactly(value, ['apiKey', 'keyId', 'serviceAccountId', 'project', 'mintedAt']);
  return {
    apiKey: new Secret(matching(fields, 'apiKey', KEY, 'a key that starts with sk-')),
    keyId: matching(fields, 'keyId', ID, 'an id'),
    serviceAccountId: matching(fields, 'serviceAccountId', ID, 'an id'),
    project: matching(fields, 'project', ID, 'an id'),
    mintedAt: matching(fields, 'mintedAt', INSTANT, 'an ISO 8601 instant in UTC'),
  };
}

/** Reads an admin key's value: exactly these fields. Throws `VALUE_MALFORMED` without quoting any of it. */
export function readAdminKeyValue(value: Secret): AdminKeyValue {
  const fields = exactly(value, ['adminKey', 'keyId']);
  return {
    adminKey: new Secret(matching(fields, 'adminKey', KEY, 'a key that starts with sk-')),
    keyId: matching(fields, 'keyId', ID, 'an id'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function exactly(value: Secret, names: readonly string[]): Fields {
  const fields = parsed(value);
  const found = fields ? Object.keys(fields).sort() : [];
  if (fields && found.join() === [...names].sort().join()) return fields;
  throw malformed(`an object of exactly ${names.join(', ')}`);
}

function matching(fields: Fields, name: string, form: RegExp, expected: string): string {
  const value = fields[name];
  if (typeof value === 'string' && form.test(value)) return value;
  throw malformed(`one whose ${name} is ${expected}`);
}

const malformed = (expected: string): LockstepError =>
  new LockstepError('VALUE_MALFORMED', `a value of this kind should be ${expected}; put a correct one`);

function parsed(value: Secret): Fields | undefined {
  try {
    const object: unknown = JSON.parse(value.reveal());
    return typeof object === 'object' && object !== null && !Array.isArray(object)
      ? { ...object }
      : undefined;
  } catch {
    // The parser's message quotes what it was given.
    return undefined;
  }
}
