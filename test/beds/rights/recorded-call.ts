import { NotUnderstood } from '../../rights/not-understood.ts';

/** One call of an AWS API that a function made, as a proxy between it and the bed recorded it. */
export interface RecordedCall {
  /** The function, by its name in `contracts/names.ts`. */
  readonly application: string;
  /** The name that the service signs under: `secretsmanager`, `dynamodb` … */
  readonly service: string;
  /** The API's operation: `GetSecretValue`, `Invoke` … */
  readonly action: string;
  /** What the operation was given, by the API's names; for REST protocols path, query and body together. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What it was answered. Absent: taken for a success. */
  readonly status?: number;
  /** Headers that policies see, such as `if-none-match`, by their names in small letters. */
  readonly request?: { readonly headers: Readonly<Record<string, string>> };
}

/** What a call is called in messages. */
export const nameOf = ({ application, service, action }: RecordedCall): string =>
  `${service} ${action} by ${application}`;

/** A text that a call was given under the first of these names that it has. Throws `NotUnderstood` where it has none. */
export function textIn(call: RecordedCall, ...names: readonly string[]): string {
  const found = optionalTextIn(call, ...names);
  if (found === undefined)
    throw new NotUnderstood(`${nameOf(call)} was recorded without ${names.join(' or ')}`);
  return found;
}

/** The same, where a call may do without. */
export function optionalTextIn(call: RecordedCall, ...names: readonly string[]): string | undefined {
  const value = names.map((name) => call.parameters[name]).find((each) => each !== undefined);
  if (value === undefined || typeof value === 'string') return value;
  throw new NotUnderstood(`${nameOf(call)} was recorded with ${names.join(' or ')}, which is no text`);
}

/** The things that a call was given under a name. Throws `NotUnderstood` where it is no list of them. */
export function listIn(call: RecordedCall, name: string): readonly Readonly<Record<string, unknown>>[] {
  const value = call.parameters[name];
  if (!Array.isArray(value) || value.length === 0)
    throw new NotUnderstood(`${nameOf(call)} was recorded without ${name}`);
  return value as readonly Readonly<Record<string, unknown>>[];
}

/** Something that a call was given under a name. Throws `NotUnderstood` where it is none. */
export function thingIn(call: RecordedCall, name: string): Readonly<Record<string, unknown>> {
  const value = call.parameters[name];
  if (typeof value !== 'object' || value === null)
    throw new NotUnderstood(`${nameOf(call)} was recorded without ${name}`);
  return value as Readonly<Record<string, unknown>>;
}
