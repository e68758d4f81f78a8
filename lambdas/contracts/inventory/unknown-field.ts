import { describeShape } from './found.ts';
import { listed, meant } from './nearest.ts';
import { problemAt, type Path, type Problem } from './problem.ts';

/**
 * Fields that Lockstep's own words make a user expect, and that this version does not have. They are
 * refused by name: a field that is read and ignored would pretend.
 */
const NOT_SUPPORTED_YET: Readonly<Record<string, string>> = {
  replicaRegions: 'replicated secrets',
  promotesFrom: 'promoting from one environment to the next',
  network: 'target functions inside a VPC',
  vpc: 'target functions inside a VPC',
  subnets: 'target functions inside a VPC',
  securityGroups: 'target functions inside a VPC',
  subject: 'workloads with an OIDC subject',
  user: 'workloads that are IAM users',
  roles: 'workloads with several roles',
  canaries: 'promoting by canaries',
  federation: 'federated credentials',
  expiresAfter: 'keys with an expiry at the provider',
};

/** Field names under which a person would write a value itself. */
const VALUE_FIELD = /^(?:password|passwd|secret|secretvalue|value|token|apikey|adminkey|privatekey|key)$/i;

/** The problem of a field that does not exist here. Its value is never shown: it may be anything, a secret too. */
export function explainUnknownField(
  path: Path,
  key: string,
  value: unknown,
  known: readonly string[],
): Problem {
  const found = `a field that does not exist here, holding ${describeShape(value)}`;
  const allowed = known.length === 0 ? 'no field' : `the fields ${listed(known)}`;
  const missing = Object.hasOwn(NOT_SUPPORTED_YET, key) ? NOT_SUPPORTED_YET[key] : undefined;
  if (missing !== undefined)
    return problemAt(path, {
      found: `${key}: ${missing}, which is not supported yet`,
      allowed,
      mend: `remove ${key}`,
    });
  if (VALUE_FIELD.test(key) && !known.includes(key))
    return problemAt(path, {
      found,
      allowed: `${allowed}; never a value, which lives in the vault alone`,
      mend: `remove it, put the value with \`lockstep adopt\`, and rotate it at once if this file was ever committed`,
    });
  return problemAt(path, { found, allowed, mend: meant(key, known, 'remove it') });
}

/** A field that exists elsewhere, and why not here. */
export const MISPLACED = {
  authority: 'this kind has no authority: it needs none, or changes itself',
  boundTo: 'an authority is read by the target functions of its family alone',
  dependents: 'an authority has no dependents: its only readers are the target functions of its family',
  retire: 'this kind changes in place: its predecessor ends at once, and there is nothing to retire',
} as const;

/** The problem of a common field that this kind of credential does not have. */
export const misplacedField = (
  path: Path,
  key: keyof typeof MISPLACED,
  kind: string,
  known: readonly string[],
): Problem =>
  problemAt(path, {
    found: `${key}, which a credential of kind ${kind} does not have: ${MISPLACED[key]}`,
    allowed: `the fields ${listed(known)}`,
    mend: `remove ${key}`,
  });
