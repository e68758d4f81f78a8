import { describeFound } from './found.ts';
import { listed, meant } from './nearest.ts';
import { problemAt, type Path, type Problem } from './problem.ts';

/** Kinds that the words of Lockstep make a user expect, and that this version does not have. */
const NOT_YET: readonly string[] = [
  'ecs-service',
  'lambda',
  'kubernetes',
  'anthropic',
  'gemini',
  'mysql',
  'redis',
  'iam-access-key',
  'bedrock',
  'github-app',
  'jwks',
  'federated',
  'guided',
];

/** The problem of a kind that nobody implements. */
export function unknownKind(
  path: Path,
  found: unknown,
  what: 'credential' | 'dependent' | 'lease',
  kinds: readonly { readonly name: string }[],
): Problem {
  const names = kinds.map(({ name }) => name);
  const allowed = `a kind of ${what}: ${listed(names)}`;
  if (typeof found === 'string' && NOT_YET.includes(found))
    return problemAt(path, {
      found: `${what}s of kind ${found}, which are not supported yet`,
      allowed,
      mend: `remove this ${what} until they are`,
    });
  const otherwise = `declare it with one of the builders of this package`;
  const mend = typeof found === 'string' ? meant(found, names, otherwise) : otherwise;
  return problemAt(path, { found: describeFound(found), allowed, mend });
}
