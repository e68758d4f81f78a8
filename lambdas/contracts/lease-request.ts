import { isLeaseId } from '../core/access/lease-id.ts';
import type { LeaseCommand, LeaseCommandName, LeaseCommands } from '../core/ports/lease-functions.ts';
import type { LeaseAtTarget } from '../core/ports/leaser.ts';
import { Secret } from '../core/secret.ts';
import { exactly, fit, instant, listOf, oneOf, optional, record, text, type Check } from './check.ts';

/**
 * The alias of a lease function at which a value of its authority is proved, and nothing else is done: whoever supplies one
 * may invoke this and not the function itself, which would be every lease of its kind.
 */
export const PROVE_ALIAS = 'prove';

/** Tokens and values are longer than other texts, and never this long. */
const MAX_SECRET = 65_536;

const secret: Check<Secret> = (value, path) => {
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_SECRET) return new Secret(value);
  // `text` refuses it without quoting it.
  return new Secret(text(undefined, path));
};

const fence: Check<number> = (value, path) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return exactly(0)(undefined, path);
};

/** 26 characters of Crockford's base 32 in lower case: it becomes part of names at targets. */
const leaseId: Check<string> = (value, path) =>
  typeof value === 'string' && isLeaseId(value) ? value : text(undefined, path);

const ASKS: { readonly [C in LeaseCommandName]: Check<LeaseCommands[C]['asks']> } = {
  issue: record<LeaseCommands['issue']['asks']>({
    lease: leaseId,
    fence,
    holder: text,
    purpose: text,
    expiresAt: instant,
    notAfter: instant,
    proof: optional(secret),
  }),
  renew: record({ lease: leaseId, fence, expiresAt: instant }),
  end: record({ lease: leaseId, fence }),
  'is-refused': record({ lease: leaseId, fence }),
  'list-ours': record<LeaseCommands['list-ours']['asks']>({ after: optional(text) }),
  'prove-authority': record<LeaseCommands['prove-authority']['asks']>({ version: optional(text) }),
};

const ANSWERS: { readonly [C in LeaseCommandName]: Check<LeaseCommands[C]['answers']> } = {
  issue: record<LeaseCommands['issue']['answers']>({
    key: text,
    value: secret,
    expiresAt: optional(instant),
  }),
  renew: record<LeaseCommands['renew']['answers']>({}),
  end: record<LeaseCommands['end']['answers']>({ refused: oneOf('refused', 'accepted', 'unknown') }),
  'is-refused': record<LeaseCommands['is-refused']['answers']>({
    refused: oneOf('refused', 'accepted', 'unknown'),
  }),
  'list-ours': record<LeaseCommands['list-ours']['answers']>({
    leases: listOf(
      record<LeaseAtTarget>({ key: text, leaseId: optional(leaseId), expiresAt: optional(instant) }),
    ),
    next: optional(text),
    others: listOf(text),
  }),
  'prove-authority': record<LeaseCommands['prove-authority']['answers']>({ works: exactly(true) }),
};

const head = record<{ readonly do: LeaseCommandName; readonly leasable: string }>({
  do: oneOf(...(Object.keys(ASKS) as LeaseCommandName[])),
  leasable: text,
});

/** A command as it crosses to a lease function: what of it is secret is in the clear, so it is sent and never kept. */
export const leaseRequestText = (command: LeaseCommand): string =>
  JSON.stringify('proof' in command ? { ...command, proof: command.proof?.reveal() } : command);

/** The answer to a command as it crosses back: a value is in it once, and nowhere after that. */
export const leaseAnswer = (answer: LeaseCommands[LeaseCommandName]['answers']): object =>
  'value' in answer ? { ...answer, value: answer.value.reveal() } : answer;

/** Tells what a lease function is asked. Throws `MALFORMED_REQUEST`, which quotes nothing: a command may carry a token. */
export function parseLeaseRequest(value: unknown): LeaseCommand {
  const { do: name, leasable } = fit(head, value, 'MALFORMED_REQUEST', 'a command to a lease function');
  const asks: Check<LeaseCommands[LeaseCommandName]['asks']> = ASKS[name];
  // The compiler cannot follow that name and fields belong together; the table has made sure of it.
  return {
    do: name,
    leasable,
    ...fit(asks, value, 'MALFORMED_REQUEST', `the command ${name}`),
  } as LeaseCommand;
}

/**
 * The answer to a command, as it came back. Throws `TARGET_UNREACHABLE` for what it does not understand: a function of
 * another version may have done anything.
 */
export function parseLeaseAnswer<C extends LeaseCommandName>(
  command: C,
  value: unknown,
): LeaseCommands[C]['answers'] {
  const check: Check<LeaseCommands[C]['answers']> = ANSWERS[command];
  return fit(check, value, 'TARGET_UNREACHABLE', `the answer to ${command}`);
}
