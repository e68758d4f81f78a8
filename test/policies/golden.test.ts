import { describe, expect, it } from 'vitest';
import { openPolicyEngine } from '../../lambdas/cedar/cedar-engine.ts';
import type { CedarContext } from '../../lambdas/cedar/context.ts';
import { entitiesOf } from '../../lambdas/cedar/entities.ts';
import { typeOf, uidKey } from '../../lambdas/cedar/cedar-words.ts';
import type { EntityRef, PolicyAction, PolicyContext } from '../../lambdas/core/policy/policy-request.ts';
import { anInventory } from '../cedar/an-inventory.ts';
import { thePolicies } from '../cedar/the-policies.ts';
import { goldenCases, goldenEntities, plainAnswer, uidOfText } from './golden-tables.ts';

// The tables say what the policies that come with Lockstep decide, in the words of Cedar's own command line:
//   cat policies/*.cedar | cedar run-tests --tests test/policies/golden/leases.json --schema policies/schema.cedarschema

const inventory = anInventory('production');
const entities = goldenEntities();
const engine = openPolicyEngine({ bundle: thePolicies(), inventory });

const isPerson = ({ uid }: { readonly uid: { readonly type: string } }): boolean =>
  typeOf({ ...uid, id: '' }) === 'Person';
const rolesOf = (id: string): readonly string[] =>
  entities.find((each) => isPerson(each) && each.uid.id === id)?.parents.map((parent) => parent.id) ?? [];

const refOf = (text: string): EntityRef => {
  const uid = uidOfText(text);
  return { type: typeOf(uid) as EntityRef['type'], id: uid.id };
};

/** Values as Cedar's JSON has them. */
interface Entity {
  readonly __entity: { readonly id: string };
}
interface Extension {
  readonly __extn: { readonly arg: string };
}
const idOf = ({ __entity: { id } }: Entity): string => id;
const argOf = ({ __extn: { arg } }: Extension): string => arg;

interface GoldenContext {
  readonly environment: Entity;
  readonly now: Extension;
  readonly mfa: boolean;
  readonly purpose?: string;
  readonly ttl?: Extension;
  readonly approvals?: readonly Entity[];
  readonly breakGlass?: boolean;
  readonly agent?: Entity;
}

/** What the broker would have asked. */
function contextFrom(context: CedarContext): PolicyContext {
  const golden = context as unknown as GoldenContext;
  const { environment, now, mfa, purpose, ttl, approvals = [], breakGlass = false, agent } = golden;
  return {
    environment: idOf(environment),
    now: Date.parse(argOf(now)),
    mfa,
    approvals: approvals.map(idOf),
    breakGlass,
    ...(purpose === undefined ? {} : { purpose }),
    ...(ttl ? { ttlSeconds: Number(argOf(ttl).replace('s', '')) } : {}),
    ...(agent ? { agent: idOf(agent) } : {}),
  };
}

describe('the golden tables', () => {
  it('speak of the entities that this version makes of an inventory', () => {
    const made = new Map(entitiesOf(inventory));
    for (const each of entities.filter((one) => !isPerson(one))) {
      expect(each).toEqual(made.get(uidKey(each.uid)));
      made.delete(uidKey(each.uid));
    }
    expect([...made.keys()]).toEqual([]);
  });

  it.each(goldenCases())('$table: $name: $decision', ({ request, decision, reason, num_errors: failed }) => {
    const [principal, action, resource] = [request.principal, request.action, request.resource].map(
      uidOfText,
    );
    if (!principal || !action || !resource) throw new Error('a row without a request');
    const plain = plainAnswer(thePolicies(), entities, {
      principal,
      action,
      resource,
      context: request.context,
    });
    expect(plain).toEqual({ decision, reason, errors: [] });
    expect(failed).toBe(0);
    const who = refOf(request.principal);
    const answer = engine.decide({
      principal: who,
      ...(who.type === 'Person' ? { roles: rolesOf(who.id) } : {}),
      action: action.id as PolicyAction,
      resource: refOf(request.resource),
      context: contextFrom(request.context),
    });
    expect(answer).toMatchObject({ allowed: decision === 'allow', policies: reason, errors: [] });
  });

  it('have every policy that comes with Lockstep deciding in at least one row', () => {
    const deciding = new Set(goldenCases().flatMap(({ reason }) => reason));
    expect(Object.keys(thePolicies().policies).filter((id) => !deciding.has(id))).toEqual([]);
  });
});
