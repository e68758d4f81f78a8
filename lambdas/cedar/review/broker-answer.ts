import { leaseCapabilities } from '../../contracts/lease-capabilities.ts';
import { accessOf, type AccessInventory, type Leasable } from '../../core/access/access-inventory.ts';
import { assertRenewable } from '../../core/access/assert-renewable.ts';
import type { Caller } from '../../core/access/caller.ts';
import { fittingTtl } from '../../core/access/fitting-ttl.ts';
import { peopleOfRole } from '../../core/access/people-of-role.ts';
import { narrowPurpose, purposesOf } from '../../core/access/purposes.ts';
import type { Inventory } from '../../core/credential.ts';
import { LockstepError, type ErrorCode } from '../../core/errors.ts';
import { decideLease, deniedText } from '../../core/policy/decide-lease.ts';
import { effectiveRight, type Right } from '../../core/policy/effective-right.ts';
import type { EntityRef, PolicyAction, PolicyContext } from '../../core/policy/policy-request.ts';
import { assertEnough, whoApproves } from '../../core/policy/who-approves.ts';
import type { PolicyEngine } from '../../core/ports/policy-engine.ts';
import type { Asker } from './askers.ts';
import { isLease } from './asks-of.ts';
import type { Circumstances } from './circumstances.ts';

/** One request, all of it. */
export interface ExplainedRequest {
  readonly asker: Asker;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly circumstances: Circumstances;
}

/** What comes of a request. */
export interface BrokerAnswer {
  readonly verdict: 'granted' | 'approval-needed' | 'refused';
  /** The code that the broker refuses it with. */
  readonly code?: ErrorCode;
  /** What it says of a refusal. */
  readonly why?: string;
  /** Who sees to it that it is so. `nobody`: policy says who is meant to have it, and other rights decide. */
  readonly enforcedBy: 'broker' | 'IAM' | 'nobody';
  /** What policy says by itself, also where the broker refuses before it asks. */
  readonly policy: Right;
}

/** Answers requests as the broker does, by the pieces that it decides with, in its order. */
export function brokerAnswer(
  engine: PolicyEngine,
  inventory: Inventory,
  request: ExplainedRequest,
): BrokerAnswer {
  const { action, resource } = request;
  const leasable = accessOf(inventory).leasables.find(({ name }) => name === resource.id);
  if (resource.type !== 'Leasable' || !leasable) return withoutBroker(engine, inventory, request);
  try {
    if (isLease(action)) assertTakes(inventory, request, leasable);
    if (action === 'lease') return answerLease(engine, inventory, request);
    const policy = rightOf(engine, inventory, request);
    return { ...answerOf(policy), enforcedBy: 'broker', policy };
  } catch (error) {
    if (!(error instanceof LockstepError)) throw error;
    const policy = rightOf(engine, inventory, request);
    return { verdict: 'refused', code: error.code, why: error.message, enforcedBy: 'broker', policy };
  }
}

/** What the broker refuses before it asks policy. */
function assertTakes(
  inventory: Inventory,
  { asker, action, circumstances }: ExplainedRequest,
  leasable: Leasable,
): void {
  const { purpose, ttlSeconds, approvals, breakGlass } = circumstances;
  const capabilities = leaseCapabilities(leasable.kind);
  if (action === 'renew')
    assertRenewable({
      lease: `a lease of ${leasable.name}`,
      kind: leasable.kind,
      isRenewable: capabilities?.renewable === true,
      ...(breakGlass ? { word: 'glass' } : approvals > 0 ? { word: 'approved' } : {}),
      until: 'its end',
    });
  const allowed = asker.caller ? purposesOf(accessOf(inventory), asker.caller) : [];
  const narrow = () =>
    narrowPurpose({ allowed, leasable, ...(purpose === undefined ? {} : { asked: purpose }) });
  const fit = () => fittingTtl(leasable, capabilities, ttlSeconds);
  for (const check of action === 'lease' ? [narrow, fit] : [fit, narrow]) check();
}

function answerLease(engine: PolicyEngine, inventory: Inventory, request: ExplainedRequest): BrokerAnswer {
  const { circumstances } = request;
  const rightTo = (breakGlass: boolean): Right =>
    rightOf(engine, inventory, { ...request, circumstances: { ...circumstances, breakGlass } });
  const { is, right } = decideLease(rightTo, circumstances.breakGlass);
  if (is === 'approval-needed') assertApprovable(engine, inventory, request, right.approvalsNeeded ?? 1);
  if (is !== 'refused') return { verdict: is, enforcedBy: 'broker', policy: right };
  return { ...answerOf(right, circumstances.breakGlass), enforcedBy: 'broker', policy: right };
}

/** What the broker refuses rather than have people asked. */
function assertApprovable(
  engine: PolicyEngine,
  inventory: Inventory,
  { asker, resource, circumstances }: ExplainedRequest,
  needed: number,
): void {
  const access = accessOf(inventory);
  const approvers = whoApproves(engine, access, resource.id, contextOf(inventory, circumstances));
  assertEnough(approvers, { leasable: resource.id, needed, selves: selvesOf(access, asker) });
}

/** One of the people whom the roles of whoever asks are known to have. */
export function selvesOf(access: AccessInventory, { parts }: Asker): readonly string[] {
  const roles = parts.flatMap((part) => part.roles ?? []);
  const people = access.roles
    .filter(({ name }) => roles.includes(name))
    .map((role) => peopleOfRole(access, role));
  return people.some((each) => each === undefined) ? [] : (people[0] ?? []).slice(0, 1);
}

const answerOf = (policy: Right, asksToBreak = false): Pick<BrokerAnswer, 'verdict' | 'code' | 'why'> =>
  policy.allowed
    ? { verdict: 'granted' }
    : { verdict: 'refused', code: 'POLICY_DENIED', why: `it is not for ${deniedText(policy, asksToBreak)}` };

/** What is done to credentials is no request to the broker. */
function withoutBroker(engine: PolicyEngine, inventory: Inventory, request: ExplainedRequest): BrokerAnswer {
  const policy = rightOf(engine, inventory, request);
  const [{ principal }] = request.asker.parts;
  const isEnforced = request.action === 'read' || principal.type === 'Function';
  return {
    verdict: policy.allowed ? 'granted' : 'refused',
    ...(policy.allowed ? {} : { why: `it is not for ${deniedText(policy)}` }),
    enforcedBy: isEnforced ? 'IAM' : 'nobody',
    policy,
  };
}

/** What policy says of a request. */
function rightOf(
  engine: PolicyEngine,
  inventory: Inventory,
  { asker, action, resource, circumstances }: ExplainedRequest,
): Right {
  const context = contextOf(inventory, circumstances);
  const { caller, parts } = asker;
  if (caller)
    return effectiveRight(engine, {
      caller: proved(caller, factorOf(asker) ?? circumstances.mfa),
      action,
      resource,
      context,
    });
  // A function of Lockstep is no caller of the broker.
  const answer = engine.decide({ principal: parts[0].principal, action, resource, context });
  const { policies, errors, allowed } = answer;
  const answers = [{ of: 'caller' as const, allowed, policies }];
  return allowed
    ? { ...answer, answers, deniedBy: [], denials: [] }
    : { ...answer, answers, deniedBy: ['caller'], denials: [{ by: 'caller', policies, errors }] };
}

/** Whether these people prove a second factor, where that is no circumstance of theirs. */
export const factorOf = ({ parts }: Asker): boolean | undefined =>
  parts.find(({ mfa }) => mfa !== undefined)?.mfa;

/** The caller with the second factor proved or not, of the person in it. */
function proved(caller: Caller, mfa: boolean): Caller {
  if (caller.is === 'person') return { ...caller, mfa };
  return caller.is === 'agent' && caller.actingFor
    ? { ...caller, actingFor: { ...caller.actingFor, mfa } }
    : caller;
}

/** Names that no person has: whoever has approved, it is somebody else. */
const approversOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `approval:${at + 1}`);

/** The circumstances as policy is told of them. */
export function contextOf({ environment }: Inventory, circumstances: Circumstances): PolicyContext {
  const { approvals, ...rest } = circumstances;
  return { environment, ...rest, approvals: approversOf(approvals) };
}
