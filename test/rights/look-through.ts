import { conditionsHold } from './conditions.ts';
import { NotUnderstood } from './not-understood.ts';
import { fitsAction, fitsResource } from './patterns.ts';
import { listOf, statementsOf, type Policy, type PolicyKind, type Statement } from './policy.ts';
import { reachOf, type Reach } from './principals.ts';
import type { Attempt } from './request.ts';

/** A policy, and what it is called in answers. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: Policy;
}

/** A statement that speaks of a request. */
export interface Found {
  readonly policy: string;
  /** Its place in the policy, from 0. */
  readonly index: number;
  readonly statement: Statement;
  /** How near it comes to whoever asks: a principal's own policy to the principal itself. */
  readonly reach: Reach;
}

/** The statements of a policy that speak of a request: action, resource, principal and every condition. */
export function lookThrough(
  { name, document }: NamedPolicy,
  kind: PolicyKind,
  attempt: Attempt,
): readonly Found[] {
  return statementsOf(document, kind, name).flatMap((statement, index) => {
    if (!listOf(statement.Action).some((each) => fitsAction(each, attempt.action))) return [];
    if (!isAbout(statement, attempt)) return [];
    const reach = kind === 'of-principal' ? 'itself' : reachIn(statement, attempt);
    if (reach === 'nobody' || !conditionsHold(statement.Condition ?? {}, attempt)) return [];
    return [{ policy: name, index, statement, reach }];
  });
}

/** A trust policy names no resource: it is about its role. */
const isAbout = ({ Resource: resources }: Statement, { resource }: Attempt): boolean =>
  resources === undefined || listOf(resources).some((each) => fitsResource(each, resource));

function reachIn({ Principal: principals }: Statement, { principal, action }: Attempt): Reach {
  if (principal === undefined || principals === undefined)
    throw new NotUnderstood(`a policy of a resource is asked who ${action} is, and nobody says`);
  return reachOf(principals, principal);
}
