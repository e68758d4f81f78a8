import { CONDITION_KEYS, type ConditionKey } from './condition-keys.ts';
import { NotUnderstood } from './not-understood.ts';
import type { Attempt } from './request.ts';

/** A key as a policy asks for it, and what the request carries: `undefined` where it does not carry the key. */
export interface KeyValues {
  readonly key: ConditionKey;
  readonly values: readonly string[] | undefined;
}

/**
 * What a request carries under a key. Names of keys are compared without regard to case.
 *
 * Throws `NotUnderstood` where nobody knows: an unknown key, one that such a request may carry and of which it says
 * nothing, one that it cannot carry and yet says to, several values under a key that has one.
 */
export function valuesOf(name: string, attempt: Attempt): KeyValues {
  const found = byName(CONDITION_KEYS, name);
  if (!found) throw new NotUnderstood(`no policy here has asked for the condition key ${name} before`);
  return {
    key: found,
    values: found.derive ? derived(name, found.derive, attempt) : given(name, found, attempt),
  };
}

function derived(
  name: string,
  derive: NonNullable<ConditionKey['derive']>,
  { principal, action, context = {} }: Attempt,
): readonly string[] | undefined {
  if (byName(context, name) !== undefined)
    throw new NotUnderstood(`${name} of ${action} follows from the principal and is not given`);
  if (principal === undefined)
    throw new NotUnderstood(`${action} is asked for by nobody, and a policy asks for ${name}`);
  const value = derive(principal);
  return value === undefined ? undefined : [value];
}

function given(
  name: string,
  { mayBeIn, isMany }: ConditionKey,
  attempt: Attempt,
): readonly string[] | undefined {
  const { action, context = {} } = attempt;
  const value = byName(context, name);
  if (!mayBeIn(attempt)) {
    if (value === undefined || value === null) return undefined;
    throw new NotUnderstood(`a request of ${action} carries no ${name}`);
  }
  if (value === undefined)
    throw new NotUnderstood(`a policy asks for ${name}, which ${action} may carry; the request does not say`);
  if (value === null) return undefined;
  const values = typeof value === 'string' ? [value] : value;
  if (values.length === 0 || (!isMany && values.length > 1))
    throw new NotUnderstood(`${name} of ${action} has ${values.length} values; none is said by null`);
  return values;
}

function byName<V>(record: Readonly<Record<string, V>>, name: string): V | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(record).find(([each]) => each.toLowerCase() === wanted)?.[1];
}
