import type { IncomingHttpHeaders } from 'node:http';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { Shown } from '../../lambdas/recognise-caller/recognise-caller.ts';
import { actingForToken } from '../../lambdas/recognise-caller/shown-tokens.ts';

/** What the command line says that its user is called: for the record, and nothing is decided by it. */
export const OPERATOR_HEADER = 'x-lockstep-operator';

/** As whom a request is made: `<role>`, or `workload:<name>`. */
export const AS_HEADER = 'x-lockstep-as';

/** The user's name, where it is one. */
export function operatorName(headers: IncomingHttpHeaders): string {
  const name = headers[OPERATOR_HEADER];
  return typeof name === 'string' && /^[\w.@-]{1,64}$/.test(name) ? name : 'unknown';
}

/**
 * What the local socket shows of who asks the broker. Whoever can open it can read every identity of this world: it is
 * theirs to say which of them they use, as one chooses a profile. Whatever they choose, all who use one are one.
 */
export function shownAtSocket(headers: IncomingHttpHeaders): Shown {
  const as = headers[AS_HEADER];
  const [, kind, name] =
    typeof as === 'string' ? (/^(workload:)?([a-z0-9][a-z0-9-]{0,63})$/.exec(as) ?? []) : [];
  if (name === undefined)
    throw new LockstepError(
      'UNAUTHENTICATED',
      'nothing says who asks: in the embedded world say as which role of the inventory, with --as <role>',
    );
  const identity = {
    is: kind === undefined ? 'person' : 'workload',
    principal: `embedded:${name}`,
    session: operatorName(headers),
  } as const;
  return { by: 'embedded', identity, ...actingForToken(headers) };
}
