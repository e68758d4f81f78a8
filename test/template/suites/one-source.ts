import { expect, it } from 'vitest';
import { openPolicyEngine } from '../../../lambdas/cedar/cedar-engine.ts';
import { parsePolicyBundle } from '../../../lambdas/cedar/policy-bundle.ts';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import type { EntityRef } from '../../../lambdas/core/policy/policy-request.ts';
import { evaluate, type Policies } from '../../rights/evaluate.ts';
import type { NamedPolicy } from '../../rights/look-through.ts';
import { examplePolicies } from '../example-policies.ts';
import { resourcePoliciesOf } from '../resource-policies.ts';
import { rolesOf, type RoleRights } from '../roles.ts';
import type { SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';
import { example } from '../the-example.ts';

// What IAM says of reading and rotating is generated from the bindings that policy speaks of, so both say the same. What IAM
// has no words for (purposes, approvals, ttl, second factors) is decided by policy alone: docs/policies.md lists it.

/** Somebody who may ask, once as policy knows them and once as IAM does. */
interface Both {
  readonly entity: EntityRef;
  readonly roles?: readonly string[];
  readonly principal: string;
  readonly policies: Pick<Policies, 'identity' | 'boundary'>;
}

/** Roles that are not ours could be given anything by whoever owns them: what is denied must be denied even then. */
const ALL: NamedPolicy = {
  name: 'everything',
  document: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};
const foreign = { identity: [ALL] };

const ownOf = ({ name, statements, boundary }: RoleRights): Both['policies'] => ({
  identity: [{ name: `the role of ${name}`, document: { Statement: statements } }],
  ...(boundary ? { boundary: { name: `the boundary of ${name}`, document: boundary } } : {}),
});

/** Everybody: workloads, agents as the workloads that they run as, people, and every role of Lockstep. */
function everybody(environment: SynthesizedEnvironment): readonly Both[] {
  const { inventory } = environment.declared;
  const { agents, roles } = accessOf(inventory);
  const agentOf = new Map(agents.map(({ name, workload }) => [workload, name]));
  return [
    ...inventory.workloads.map(({ name, principal }): Both => {
      const agent = agentOf.get(name);
      const entity: EntityRef =
        agent === undefined ? { type: 'Workload', id: name } : { type: 'Agent', id: agent };
      return { entity, principal, policies: foreign };
    }),
    ...roles.flatMap(({ name, principals }) =>
      principals.map((principal): Both => ({
        entity: { type: 'Person', id: principal },
        roles: [name],
        principal,
        policies: foreign,
      })),
    ),
    ...rolesOf(environment).map((role): Both => ({
      entity: { type: 'Function', id: role.name },
      principal: role.arn,
      policies: ownOf(role),
    })),
  ];
}

const RIGHTS = { read: 'GetSecretValue', rotate: 'RotateSecret' } as const;

function secretsOf(environment: SynthesizedEnvironment): ReadonlyMap<string, string> {
  return new Map(
    environment
      .ofType('AWS::SecretsManager::Secret')
      .map(({ stack, id, properties }) => [
        text(properties['Name']),
        text(environment.resolve(stack, { Ref: id })),
      ]),
  );
}

/** Everything that both sides are asked, with both answers. */
function answers(environment: SynthesizedEnvironment) {
  const { inventory } = environment.declared;
  const engine = openPolicyEngine({ bundle: parsePolicyBundle(examplePolicies()), inventory });
  const secrets = secretsOf(environment);
  const guards = resourcePoliciesOf(environment);
  const names = [...inventory.credentials, ...accessOf(inventory).leaseAuthorities].map(({ name }) => name);
  return everybody(environment).flatMap((who) =>
    names.flatMap((name) =>
      (['read', 'rotate'] as const).map((action) => {
        const secret = secrets.get(secretName(environment.name, name)) ?? '';
        const guard = guards.get(secret);
        const request = {
          principal: who.principal,
          action: `secretsmanager:${RIGHTS[action]}`,
          resource: secret,
          resourceAccount: environment.account,
          context: { 'aws:SecureTransport': 'true' },
        };
        const iam = evaluate(request, { ...who.policies, ...(guard ? { resource: guard } : {}) });
        const policy = engine.decide({
          principal: who.entity,
          ...(who.roles ? { roles: who.roles } : {}),
          action,
          resource: { type: 'Credential', id: name },
          context: { environment: environment.name, now: 0, approvals: [], breakGlass: false, mfa: true },
        });
        return {
          who: who.entity,
          action,
          name,
          byIam: iam.verdict === 'allowed',
          byPolicy: policy.allowed,
        };
      }),
    ),
  );
}

it('one source: policy and IAM say the same of everybody who reads, and of every function that has something rotated', () => {
  for (const environment of example().environments) {
    const asked = answers(environment).filter(
      ({ who, action }) => action === 'read' || who.type !== 'Person',
    );
    const differing = asked.filter(({ byIam, byPolicy }) => byIam !== byPolicy);
    expect(differing).toEqual([]);
    // Both answers are given by both, or it would not be worth much.
    for (const action of ['read', 'rotate'] as const)
      expect(new Set(asked.filter((each) => each.action === action).map(({ byIam }) => byIam))).toEqual(
        new Set([true, false]),
      );
  }
});

it('one source: what people may have rotated has no statement of IAM on a secret: they order it, and a function does it', () => {
  for (const environment of example().environments) {
    const people = answers(environment).filter(
      ({ who, action }) => action === 'rotate' && who.type === 'Person',
    );
    expect(people.filter(({ byIam }) => byIam)).toEqual([]);
    expect(people.some(({ byPolicy }) => byPolicy)).toBe(true);
  }
});
