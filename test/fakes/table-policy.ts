import type { PolicyAction, PolicyAnswer, PolicyRequest } from '../../lambdas/core/policy/policy-request.ts';
import type { PolicyEngine } from '../../lambdas/core/ports/policy-engine.ts';
import { Judge } from './judge.ts';

/** One policy of the table. What is left out holds for everything. */
export interface TableRule {
  readonly id: string;
  /** `Workload:rag-api`, `Agent:research-agent`, `Person:alice`, or `Role:retrieval-lead` for whoever is proved to be in it. */
  readonly who: readonly string[];
  readonly actions: readonly PolicyAction[];
  readonly leasables?: readonly string[];
  readonly purposes?: readonly string[];
  /** People who have to approve; breaking the glass does without, where `mayBreakGlass`. */
  readonly approvals?: number;
  readonly mayBreakGlass?: boolean;
  readonly forbids?: boolean;
}

/**
 * `PolicyEngine` by a table, in its semantics: default deny, a `forbids` wins. Judges what a broker must never ask: an
 * approval of the very person who asks, a purpose that is no purpose of the test, an environment of another.
 */
export class TablePolicy implements PolicyEngine {
  readonly digest = 'digest-of-the-table';
  readonly judge: Judge;
  rules: readonly TableRule[];
  /** Ids of policies that cannot be evaluated now. */
  broken: readonly string[] = [];
  readonly asked: PolicyRequest[] = [];

  constructor(rules: readonly TableRule[], judge: Judge = new Judge()) {
    this.rules = rules;
    this.judge = judge;
  }

  decide(request: PolicyRequest): PolicyAnswer {
    const { principal, context } = request;
    this.asked.push(request);
    this.judge.demand(
      principal.type !== 'Person' || !context.approvals.includes(principal.id),
      `${principal.id} was asked about with an approval of their own`,
    );
    this.judge.demand(context.environment === 'test', `policy was asked about ${context.environment}`);
    this.judge.demand(
      new Set(context.approvals).size === context.approvals.length,
      'an approval counts twice',
    );
    if (this.broken.length > 0) return { allowed: false, policies: [], errors: this.broken };

    const matching = this.rules.filter((rule) => matches(rule, request));
    const forbids = matching.filter(({ forbids: isForbid }) => isForbid === true).map(({ id }) => id);
    if (forbids.length > 0) return { allowed: false, policies: forbids, errors: [] };
    const permits = matching.filter((rule) => missing(rule, request) === 0);
    if (permits.length > 0) return { allowed: true, policies: permits.map(({ id }) => id), errors: [] };
    const needed = matching.map(({ approvals = 0 }) => approvals).sort((a, b) => a - b)[0];
    return {
      allowed: false,
      policies: [],
      errors: [],
      ...(needed === undefined ? {} : { approvalsNeeded: needed }),
    };
  }
}

function matches({ who, actions, leasables, purposes }: TableRule, request: PolicyRequest): boolean {
  const { principal, roles = [], action, resource, context } = request;
  const names = [`${principal.type}:${principal.id}`, ...roles.map((role) => `Role:${role}`)];
  return (
    who.some((each) => names.includes(each)) &&
    actions.includes(action) &&
    (leasables === undefined || leasables.includes(resource.id)) &&
    (purposes === undefined || (context.purpose !== undefined && purposes.includes(context.purpose)))
  );
}

function missing({ approvals = 0, mayBreakGlass }: TableRule, { context }: PolicyRequest): number {
  if (mayBreakGlass === true && context.breakGlass) return 0;
  return Math.max(0, approvals - context.approvals.length);
}
