import { policyFor, resourcePoliciesOf, type ResourcePolicies } from '../../template/resource-policies.ts';
import { rolesOf, type RoleRights } from '../../template/roles.ts';
import type { SynthesizedEnvironment } from '../../template/synthesized-environment.ts';
import { fitsResource } from '../patterns.ts';
import { listOf, type Statement } from '../policy.ts';
import type { Context } from '../request.ts';
import type { Vector, VectorFile } from '../vectors.ts';
import { apartOf } from './apart.ts';
import { quiet, settingsFor } from './contexts.ts';
import { anAction, aText, elsewhere } from './instances.ts';

/** Roles in which every statement and condition of ours occurs. */
const ROLES = ['seal-audit', 'publish-outbox', 'target-postgres', 'advance-rotation', 'timers', 'operate'];

/** For each statement of our roles a request that it allows, and requests that miss it by one thing. */
export function roleVectors(environment: SynthesizedEnvironment): VectorFile {
  const attached = resourcePoliciesOf(environment);
  const roles = rolesOf(environment).filter(({ name }) => ROLES.includes(name));
  const cases = roles.flatMap((role) =>
    role.statements.flatMap((statement, index) => vectorsOf(environment, attached, role, statement, index)),
  );
  const policies = [...attached.values()].filter(({ name }) =>
    cases.some(({ resourcePolicy }) => resourcePolicy === name),
  );
  return {
    about:
      'roles of Lockstep as they are synthesized: each statement allows what it names, and nothing beside',
    policies: Object.fromEntries([
      ...roles.map(({ name, statements }) => [
        `role ${name}`,
        { Version: '2012-10-17', Statement: statements },
      ]),
      ...policies.map(({ name, document }) => [name, document]),
    ]),
    cases,
  };
}

function vectorsOf(
  environment: SynthesizedEnvironment,
  attached: ResourcePolicies,
  { arn, name }: RoleRights,
  statement: Statement,
  index: number,
): readonly Vector[] {
  const [first = ''] = listOf(statement.Action);
  const action = anAction(first);
  const resource = aResource(attached, statement);
  const settings = settingsFor(statement.Condition ?? {});
  const vector = (what: string, on: string, changes: Context, expected: Vector['expected']): Vector => {
    const request = { principal: arn, action, resource: on };
    const policy = policyFor(attached, on);
    return {
      name: `${name}, statement ${index}: ${action} ${what}`,
      ...request,
      resourceAccount: environment.account,
      context: { ...quiet(request), ...settings.met, ...changes },
      identity: [`role ${name}`],
      ...(policy ? { resourcePolicy: policy.name } : {}),
      expected,
      ...apartOf(request),
    };
  };
  return [
    vector('is allowed', resource, {}, 'allowed'),
    ...(resource === '*'
      ? []
      : [vector('on another environment’s', elsewhere(resource), {}, 'implicitly-denied')]),
    ...settings.misses.map(({ name: key, value }) =>
      vector(`with ${key} ${JSON.stringify(value)}`, resource, { [key]: value }, 'implicitly-denied'),
    ),
  ];
}

/** One that a statement covers: one that has a policy of its own, where there is one. */
function aResource(attached: ResourcePolicies, { Resource: resources }: Statement): string {
  const [first = ''] = listOf(resources);
  if (first === '*') return first;
  return [...attached.keys()].find((arn) => fitsResource(first, arn)) ?? aText(first);
}
