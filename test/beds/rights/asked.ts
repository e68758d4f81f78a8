import type { Context, Request } from '../../rights/request.ts';

/**
 * One question that AWS puts to IAM: for a call, or for what the call has other services do. A call whose name is the
 * action has no `because`; all others say whose page tells of them.
 */
export interface Asked extends Request {
  readonly context: Context;
  readonly because?: string;
}

/** What always holds of a request of an SDK to AWS. */
const OVER_TLS = { 'aws:SecureTransport': 'true' };

/** Makes questions of one principal about resources of one account. */
export const asker =
  (principal: string, resourceAccount: string, because?: string) =>
  (action: string, resource: string, context: Context = {}): Asked => ({
    principal,
    action,
    resource,
    resourceAccount,
    context: { ...OVER_TLS, ...context },
    ...(because === undefined ? {} : { because }),
  });
