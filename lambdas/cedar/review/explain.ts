import { accessOf, type Leasable } from '../../core/access/access-inventory.ts';
import type { Caller } from '../../core/access/caller.ts';
import { purposesOf } from '../../core/access/purposes.ts';
import type { Inventory } from '../../core/credential.ts';
import { effectiveRight, rolesThatMay, type Right } from '../../core/policy/effective-right.ts';
import type { EntityRef, PolicyAction, PolicyContext } from '../../core/policy/policy-request.ts';
import type { PolicyEngine } from '../../core/ports/policy-engine.ts';
import { openPolicyEngine } from '../cedar-engine.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { approvalsOf, policyJsons } from '../policy-heads.ts';
import type { Asker } from './askers.ts';
import type { Circumstances } from './circumstances.ts';
import { isLease } from './asks-of.ts';
import { saysOf, type Say } from './says.ts';
import { smallestChanges, type Change } from './smallest-changes.ts';

/** One request, all of it. */
export interface ExplainedRequest {
  readonly asker: Asker;
  readonly action: PolicyAction;
  readonly resource: EntityRef;
  readonly circumstances: Circumstances;
}

/** Why a request is answered as it is. */
export interface Explanation extends Right {
  /** Purposes that the asker may state for it; the broker refuses any other before it asks policy. Absent but for leases. */
  readonly purposes?: readonly string[];
  /** Every policy whose head fits, with what it says of this request. */
  readonly says: readonly Say[];
  /** Roles whose people may approve it, where that would help. */
  readonly approvers?: readonly string[];
  /** The fewest changes of the circumstances, each list by itself, that turn the answer. */
  readonly changes: readonly (readonly Change[])[];
}

/** Explains one request, by the very engine and the very function that decide it. Throws `POLICY_INVALID`. */
export function explain(bundle: PolicyBundle, inventory: Inventory, request: ExplainedRequest): Explanation {
  const engine = openPolicyEngine({ bundle, inventory });
  const { asker, action, resource, circumstances } = request;
  const answer = (each: Circumstances): Right =>
    rightOf(engine, inventory, { ...request, circumstances: each });
  const right = answer(circumstances);
  const access = accessOf(inventory);
  const leasable = access.leasables.find(({ name }) => resource.type === 'Leasable' && name === resource.id);
  const allowed = asker.caller ? purposesOf(access, asker.caller) : [];
  const purposes = allowed.filter((purpose) => leasable?.purposes.includes(purpose));
  const context = contextOf(inventory, circumstances);
  const approvers = rolesThatMay(engine, {
    roles: access.roles.map(({ name }) => name),
    action: 'approve',
    resource,
    context: { ...context, mfa: true },
  });
  return {
    ...right,
    ...(isLease(action) ? { purposes } : {}),
    ...(right.approvalsNeeded === undefined ? {} : { approvers }),
    says: saysOf(bundle, inventory, { ...request, context }),
    changes: smallestChanges(
      circumstances,
      {
        ...factors(asker),
        ...(isLease(action) && leasable ? alternatives(bundle, leasable, purposes) : {}),
      },
      (each) => answer(each).allowed !== right.allowed,
    ),
  };
}

/** What else a lease could be asked with. */
function alternatives(bundle: PolicyBundle, { ttl }: Leasable, purposes: readonly string[]) {
  const spoken = [...policyJsons(bundle).values()].flatMap((json) => approvalsOf(json) ?? []);
  return {
    approvals: [...new Set([0, ...spoken])].sort((a, b) => a - b),
    purpose: purposes,
    ttlSeconds: [ttl.maximumSeconds, ttl.defaultSeconds],
    breakGlass: [true, false],
  };
}

/** Whether these people prove a second factor, where that is no circumstance of theirs. */
const factorOf = ({ parts }: Asker): boolean | undefined => parts.find(({ mfa }) => mfa !== undefined)?.mfa;

/** Only who can prove one, or come without, is told that it would help. */
const factors = (asker: Asker) => (factorOf(asker) === undefined ? { mfa: [true, false] } : {});

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
  const { allowed, policies, errors } = answer;
  const answers = [{ of: 'caller', allowed, policies }] as const;
  return allowed
    ? { ...answer, answers, deniedBy: [], denials: [] }
    : { ...answer, answers, deniedBy: ['caller'], denials: [{ by: 'caller', policies, errors }] };
}

/** The caller with the second factor proved or not, of the person in it. */
function proved(caller: Caller, mfa: boolean): Caller {
  if (caller.is === 'person') return { ...caller, mfa };
  return caller.is === 'agent' && caller.actingFor
    ? { ...caller, actingFor: { ...caller.actingFor, mfa } }
    : caller;
}

/** Names that no person has: whoever has approved, it is somebody else. */
const approvers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `approval:${at + 1}`);

function contextOf({ environment }: Inventory, circumstances: Circumstances): PolicyContext {
  const { approvals, ...rest } = circumstances;
  return { environment, ...rest, approvals: approvers(approvals) };
}
