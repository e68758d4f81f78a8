import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import type { Authority } from './authority.ts';
import type { RequestTarget } from './request-target.ts';

/** The rules of a lease for one place. */
export const rulesFor = (egress: readonly EgressRule[], { host, port }: Authority): readonly EgressRule[] =>
  egress.filter((rule) => rule.host.toLowerCase() === host && rule.port === port);

/**
 * The rule that lets a request pass, of those for its place: the first whose methods and paths have it. `undefined`
 * where none does.
 */
export const ruleOf = (
  rules: readonly EgressRule[],
  method: string,
  { path }: RequestTarget,
): EgressRule | undefined =>
  rules.find((rule) => rule.methods.includes(method) && rule.paths.some((prefix) => isBelow(path, prefix)));

/** A prefix ends at a slash: `/v1` has `/v1` and `/v1/models`, and has neither `/v10` nor `/v1.old`. */
function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/';
}
