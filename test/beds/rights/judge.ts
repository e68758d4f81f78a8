/**
 * Judges the roles of an environment by the calls that its functions made: least privilege, both ways.
 *
 *   const { lacking, unused, groundless, notUnderstood } = judge({ calls, environment });
 *
 * Give it every call of every run, in the order in which they were made: `rotatedBy` follows from RotateSecret, and a
 * secret that was adopted before the recording began needs that one call put in front. Leave out calls of others than
 * functions. `environment` is what was synthesized; where it was deployed, built with the physical ids of its
 * resources, since recorded calls name tables, keys, buckets and secrets by those.
 *
 * A judgement is clean when all four lists are empty: `expect(judge(…)).toEqual(CLEAN)`.
 */
import { evaluate, type Policies } from '../../rights/evaluate.ts';
import { NotUnderstood } from '../../rights/not-understood.ts';
import { policyFor, resourcePoliciesOf, type ResourcePolicies } from '../../template/resource-policies.ts';
import { rolesOf, type RoleRights } from '../../template/roles.ts';
import type { SynthesizedEnvironment } from '../../template/synthesized-environment.ts';
import { serviceOf } from '../../rights/request.ts';
import { askedByAws } from './acts-of-aws.ts';
import type { Asked } from './asked.ts';
import { rotationConfigured } from './calls/secrets-manager.ts';
import { grantsOf, isUsedBy, policyNameOf, tellUnused, type Answered } from './grants.ts';
import { questionsOf } from './questions-of.ts';
import { applyReasons } from './reasons.ts';
import type { RecordedCall } from './recorded-call.ts';
import { siteOf } from './site-of.ts';
import { UNUSED_WITH_REASON, type ReasonedGrants } from './unused-with-reason.ts';

/** What is judged. */
export interface Evidence {
  readonly calls: readonly RecordedCall[];
  readonly environment: SynthesizedEnvironment;
  /** @default those of unused-with-reason.ts */
  readonly reasons?: readonly ReasonedGrants[];
}

/** What was found, each as a sentence. */
export interface Judgement {
  /** Calls that IAM would not let pass: who, action, resource, context, and why. */
  readonly lacking: readonly string[];
  /** Parts of statements that no call uses, without a reason. */
  readonly unused: readonly string[];
  /** Reasons that cover no unused grant. */
  readonly groundless: readonly string[];
  /** Calls and policies that cannot be judged: never taken for harmless. */
  readonly notUnderstood: readonly string[];
}

/** A judgement that found nothing. */
export const CLEAN: Judgement = { lacking: [], unused: [], groundless: [], notUnderstood: [] };

/** Pure: nothing is asked of anybody. */
export function judge({ calls, environment, reasons = UNUSED_WITH_REASON }: Evidence): Judgement {
  const court = courtOf(environment);
  const notUnderstood: string[] = [];
  const understood = <T>(work: () => readonly T[]): readonly T[] => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      notUnderstood.push(error.message);
      return [];
    }
  };
  const asked = distinct([
    ...understood(() => askedByAws(environment, court.site)),
    ...askedByCalls(calls, court, understood),
  ]);
  const decided = asked.flatMap((each) =>
    understood(() => [{ asked: each, decision: evaluate(each, policiesFor(court, each)) }]),
  );
  const lacking = decided.filter(({ decision }) => decision.verdict !== 'allowed');
  const granted = court.roles.flatMap(grantsOf);
  const unused = granted.filter((grant) => !decided.some((answered) => isUsedBy(grant, answered)));
  const { left, groundless } = applyReasons(granted, unused, reasons);
  return {
    lacking: lacking.map(tellLacking),
    unused: tellUnused(left),
    groundless,
    notUnderstood: [...new Set(notUnderstood)],
  };
}

/** Everything of an environment that has a say. */
interface Court {
  readonly environment: SynthesizedEnvironment;
  readonly site: ReturnType<typeof siteOf>;
  readonly roles: readonly RoleRights[];
  readonly attached: ResourcePolicies;
}

const courtOf = (environment: SynthesizedEnvironment): Court => ({
  environment,
  site: siteOf(environment),
  roles: rolesOf(environment),
  attached: resourcePoliciesOf(environment),
});

function askedByCalls(
  calls: readonly RecordedCall[],
  { site, roles }: Court,
  understood: <T>(work: () => readonly T[]) => readonly T[],
): readonly Asked[] {
  const rotatedBy = new Map<string, string>();
  return calls.flatMap((call) => {
    const asked = understood(() => {
      const role = roles.find(({ name }) => name === call.application);
      if (!role) throw new NotUnderstood(`${call.application} is no function of this environment`);
      return questionsOf(call, { site, role: role.arn, rotatedBy });
    });
    const configured = understood(() => [rotationConfigured(call, { site })])[0];
    if (configured) rotatedBy.set(...configured);
    return asked;
  });
}

/** Each question once, however often it was put. */
const distinct = (all: readonly Asked[]): readonly Asked[] => [
  ...new Map(
    all.map(({ because, ...asked }) => [
      JSON.stringify(asked),
      { ...asked, ...(because ? { because } : {}) },
    ]),
  ).values(),
];

function policiesFor({ roles, attached }: Court, { principal, action, resource }: Asked): Policies {
  // Passing a role is a right of whoever passes it: the role's trust policy has no say.
  const policy = action === 'iam:PassRole' ? undefined : policyFor(attached, resource);
  const own = roles.find(({ arn }) => arn === principal);
  if (!own && serviceOf(principal) === undefined)
    throw new NotUnderstood(`${principal} is no role of this environment`);
  return {
    identity: own ? [{ name: policyNameOf(own.name), document: { Statement: own.statements } }] : [],
    ...(own?.boundary ? { boundary: { name: `the boundary of ${own.name}`, document: own.boundary } } : {}),
    ...(policy ? { resource: policy } : {}),
  };
}

function tellLacking({ asked, decision }: Answered): string {
  const { principal, action, resource, context, because } = asked;
  const who = principal.split('/').at(-1) ?? principal;
  const by = decision.by.map(({ policy, index }) => `statement ${index} of ${policy}`);
  const why = by.length > 0 ? `denied by ${by.join(' and ')}` : decision.because;
  const asks = because === undefined ? '' : ` (asked by AWS itself: ${because})`;
  return `${who} may not ${action} on ${resource} with ${JSON.stringify(context)}: ${why}${asks}`;
}
