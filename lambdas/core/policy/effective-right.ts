import type { Caller, Person } from '../access/caller.ts';
import type { PolicyEngine } from '../ports/policy-engine.ts';
import type { EntityRef, PolicyAction, PolicyAnswer, PolicyContext } from './policy-request.ts';

/** What somebody wants to do. Whether a second factor was proved, and which agent asks, is read from the caller alone. */
export interface RightRequest {
  readonly caller: Caller;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly context: Omit<PolicyContext, 'mfa' | 'agent'>;
}

/** Who denied: the caller itself, the person that it acts for, or the claims of one of their sessions. */
export type DeniedBy = 'caller' | 'acting-for' | 'claims';

/** One denial, with what decided it alone: no policies where nothing permits it, and none of claims. */
export interface Denial {
  readonly by: DeniedBy;
  readonly policies: readonly string[];
  readonly errors: readonly string[];
}

/** One of the answers that a right consists of, allowed or not. */
export interface RightAnswer extends Pick<PolicyAnswer, 'allowed' | 'policies'> {
  readonly of: DeniedBy;
}

/** What the caller may do, and everything that decided it. */
export interface Right extends PolicyAnswer {
  /** Each by itself: of the caller, of whom it acts for, and of the claims, where their sessions speak of it. */
  readonly answers: readonly RightAnswer[];
  /** Nobody, where it is allowed or where approvals would do. */
  readonly deniedBy: readonly DeniedBy[];
  /** Every denial by itself, also those that approvals would lift. */
  readonly denials: readonly Denial[];
}

/**
 * The effective right of a caller: what policy lets it do, what policy lets the person do that it acts for, and what
 * their sessions claim, all at once. Each can only take away. The ids of the policies are those of all answers, in the
 * order in which they were asked.
 *
 * An agent that acts for a person asks twice: as the agent, which is its ceiling, and as the person. Nobody approves
 * for themselves: the caller and the person behind it are taken out of the approvals.
 */
export function effectiveRight(engine: PolicyEngine, request: RightRequest): Right {
  const parts = partsOf(request.caller).map(({ as, caller }) => ({
    as,
    answer: ask(engine, caller, request),
  }));
  const named =
    request.resource.type === 'Leasable' ? isNamed(request.caller, request.resource.id) : undefined;
  const isClaimed = named ?? true;
  const denied = parts.filter(({ answer }) => !answer.allowed);
  const beyondApproval = denied.filter(({ answer }) => answer.approvalsNeeded === undefined);
  const needed = Math.max(0, ...denied.map(({ answer }) => answer.approvalsNeeded ?? 0));
  const isApprovable = isClaimed && denied.length > 0 && beyondApproval.length === 0;
  return {
    allowed: isClaimed && denied.length === 0,
    policies: distinct(parts.flatMap(({ answer }) => answer.policies)),
    errors: distinct(parts.flatMap(({ answer }) => answer.errors)),
    answers: [
      ...parts.map(({ as, answer: { allowed, policies } }) => ({ of: as, allowed, policies })),
      ...(named === undefined ? [] : [{ of: 'claims' as const, allowed: named, policies: [] }]),
    ],
    ...(isApprovable ? { approvalsNeeded: needed } : {}),
    deniedBy: [...beyondApproval.map(({ as }) => as), ...(isClaimed ? [] : (['claims'] as const))],
    denials: [
      ...denied.map(({ as, answer: { policies, errors } }) => ({ by: as, policies, errors })),
      ...(isClaimed ? [] : [{ by: 'claims' as const, policies: [], errors: [] }]),
    ],
  };
}

/** Whether the sessions of the caller and of whom it acts for leave it; `undefined` where none speaks of what it may lease. */
function isNamed(caller: Caller, leasable: string): boolean | undefined {
  const lists = partsOf(caller).flatMap(({ caller: { claims } }) => (claims.leases ? [claims.leases] : []));
  return lists.length === 0 ? undefined : lists.every((list) => list.includes(leasable));
}

interface Part {
  readonly as: Exclude<DeniedBy, 'claims'>;
  readonly caller: Caller;
}

const partsOf = (caller: Caller): readonly Part[] => [
  { as: 'caller', caller },
  ...(caller.is === 'agent' && caller.actingFor
    ? [{ as: 'acting-for', caller: caller.actingFor } as const]
    : []),
];

const TYPES = { person: 'Person', workload: 'Workload', agent: 'Agent' } as const;

function ask(engine: PolicyEngine, caller: Caller, request: RightRequest): PolicyAnswer {
  const behind = personBehind(request.caller);
  const own = [request.caller, ...(behind ? [behind] : [])].filter(({ is }) => is === 'person');
  const selves = own.map(({ name }) => name);
  return engine.decide({
    principal: { type: TYPES[caller.is], id: caller.name },
    ...(caller.is === 'person' ? { roles: caller.roles } : {}),
    action: request.action,
    resource: request.resource,
    context: {
      ...request.context,
      approvals: request.context.approvals.filter((name) => !selves.includes(name)),
      mfa: behind?.mfa ?? false,
      ...(caller.is === 'person' && request.caller.is === 'agent' ? { agent: request.caller.name } : {}),
    },
  });
}

/** The person whose second factor counts: the caller, or whom it acts for. */
function personBehind(caller: Caller): Person | undefined {
  if (caller.is === 'person') return caller;
  return caller.is === 'agent' ? caller.actingFor : undefined;
}

const distinct = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
