import { preparseSchema, statefulIsAuthorized } from './cedar-wasm.ts';
import type { Inventory } from '../core/credential.ts';
import { sha256Hex } from '../core/digest.ts';
import { LockstepError } from '../core/errors.ts';
import type { PolicyAnswer, PolicyContext, PolicyRequest } from '../core/policy/policy-request.ts';
import type { PolicyEngine } from '../core/ports/policy-engine.ts';
import { actionUid } from './cedar-words.ts';
import { contextOf, type CedarContext } from './context.ts';
import { approvalsOf, policyJsons } from './policy-heads.ts';
import { policiesDigest, type PolicyBundle } from './policy-bundle.ts';
import { preparedSets } from './prepared-sets.ts';
import { questions, type Question } from './question.ts';

/** What an engine decides by. */
export interface EngineSources {
  readonly bundle: PolicyBundle;
  readonly inventory: Inventory;
  /** How many sets of policies are kept parsed. @default 512 */
  readonly keptSets?: number;
}

/** What `errors` says where not a policy but the question itself could not be evaluated: no policy has this id. */
export const THE_QUESTION = '(the question)';

const DENIED: PolicyAnswer = { allowed: false, policies: [], errors: [] };

/**
 * Opens the policy engine, and warms it up: the first decision would take a hundred times as long as the next one.
 *
 * Whoever or whatever is not in the inventory gets nothing. A question that the schema does not know, a policy that
 * fails, an engine that throws: each is a deny that says so in `errors`. Throws `POLICY_INVALID` where the policies or
 * the schema cannot be parsed: a broker that cannot decide must not start.
 */
export function openPolicyEngine({ bundle, inventory, keptSets }: EngineSources): PolicyEngine {
  const schema = prepareSchema(bundle.schema);
  const jsons = policyJsons(bundle);
  const ask = questions(inventory, jsons);
  const sets = preparedSets(bundle, keptSets);
  const evaluate = (question: Question, context: CedarContext): PolicyAnswer => {
    const { principal, resource, entities, policies } = question;
    try {
      const answer = statefulIsAuthorized({
        principal,
        action: actionUid(question.action),
        resource,
        context,
        entities: [...entities],
        preparsedSchemaName: schema,
        preparsedPolicySetId: sets.nameOf(policies),
        validateRequest: true,
      });
      return answer.type === 'success' ? answerOf(answer.response) : FAILED;
    } catch {
      // What a foreign error says may quote the question; that it was none is all there is to tell.
      return FAILED;
    }
  };
  const decide = (request: PolicyRequest): PolicyAnswer => {
    const question = ask({ ...request, agent: request.context.agent });
    if (!question || question.policies.length === 0) return DENIED;
    const answer = evaluate(question, contextOf(request.action, request.context));
    if (answer.allowed || answer.errors.length > 0) return answer;
    const needed = wouldDo(question, request.context);
    return needed === undefined ? answer : { ...answer, approvalsNeeded: needed };
  };

  /** How many approvals would turn a denial, of the numbers that policies speak of. */
  function wouldDo({ policies, ...question }: Question, context: PolicyContext): number | undefined {
    const spoken = policies.flatMap((id) => approvalsOf(jsons.get(id) ?? {}) ?? []);
    return [...new Set(spoken)]
      .sort((a, b) => a - b)
      .filter((count) => count > new Set(context.approvals).size)
      .find(
        (count) =>
          evaluate({ policies, ...question }, contextOf(question.action, approvedBy(count, context))).allowed,
      );
  }

  warmUp(decide, inventory);
  return { digest: policiesDigest(bundle), decide };
}

const FAILED: PolicyAnswer = { allowed: false, policies: [], errors: [THE_QUESTION] };

function answerOf({
  decision,
  diagnostics,
}: {
  readonly decision: string;
  readonly diagnostics: {
    readonly reason: readonly string[];
    readonly errors: readonly { readonly policyId: string }[];
  };
}): PolicyAnswer {
  const errors = diagnostics.errors.map(({ policyId }) => policyId).sort();
  return {
    // Cedar leaves a policy out that fails, and goes on; a forbid that is left out would let through what it stops.
    allowed: decision === 'allow' && errors.length === 0,
    policies: [...diagnostics.reason].sort(),
    errors,
  };
}

/** The same circumstances with the word of so many people in all. The further ones are nobody: no policy can know them. */
function approvedBy(count: number, context: PolicyContext): PolicyContext {
  const people = new Set(context.approvals);
  for (let number = 1; people.size < count; number += 1) people.add(`approval:${number}`);
  return { ...context, approvals: [...people] };
}

function prepareSchema(schema: string): string {
  // Named by its content: whoever else has the same one means the same by it.
  const name = sha256Hex(schema);
  if (preparseSchema(name, schema).type === 'success') return name;
  throw new LockstepError(
    'POLICY_INVALID',
    'the schema of the policies cannot be parsed; take schema.cedarschema as Lockstep has it',
  );
}

function warmUp(decide: PolicyEngine['decide'], { environment, access }: Inventory): void {
  const principals = [
    ...(access?.agents ?? []).map(({ name }) => ({ type: 'Agent', id: name }) as const),
    ...(access?.roles ?? []).map(
      ({ name }) => ({ type: 'Person', id: `role:${name}`, roles: [name] }) as const,
    ),
  ];
  const [leasable] = access?.leasables ?? [];
  if (!leasable) return;
  for (const { type, id, ...roles } of principals.slice(0, 8))
    decide({
      principal: { type, id },
      ...roles,
      action: 'lease',
      resource: { type: 'Leasable', id: leasable.name },
      context: {
        environment,
        purpose: leasable.purposes[0] ?? '',
        ttlSeconds: leasable.ttl.defaultSeconds,
        now: 0,
        approvals: [],
        breakGlass: false,
        mfa: false,
      },
    });
}
