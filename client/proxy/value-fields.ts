import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { LeaseInUse } from '../access/held-lease.ts';

/** The field of a lease's value that holds a key. Throws `VALUE_MALFORMED`; nothing of the value is repeated. */
export function fieldOf({ id, value }: LeaseInUse, field: string): Secret {
  const found = optionalFieldOf({ value }, field);
  if (found) return found;
  throw new LockstepError(
    'VALUE_MALFORMED',
    `the value of lease ${id} has no field ${field} that could be put into a request; the rule of the inventory names another`,
  );
}

/** The same, where it may be missing. */
export function optionalFieldOf({ value }: Pick<LeaseInUse, 'value'>, field: string): Secret | undefined {
  const held = parsed(value);
  const found: unknown =
    typeof held === 'object' && held !== null && Object.hasOwn(held, field)
      ? Object.getOwnPropertyDescriptor(held, field)?.value
      : undefined;
  // Visible characters alone: a line break in it would write headers of its own.
  return typeof found === 'string' && /^[\x21-\x7e]{1,16384}$/.test(found) ? new Secret(found) : undefined;
}

function parsed(value: Secret): unknown {
  try {
    return JSON.parse(value.reveal());
  } catch {
    return undefined;
  }
}
