import { LockstepError } from '../../core/errors.ts';
import type { RoleToLease } from './target.ts';

/** What STS takes of a session policy, in characters (AssumeRole, `Policy`). */
const POLICY_CHARACTERS = 2048;

/**
 * What a session may do at most: the statements for its purpose and nothing else. What the role may not do, a session
 * policy cannot give (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session).
 *
 * There is always one: a session without a policy has all rights of its role. A purpose that nothing is declared for is
 * refused, not served with an empty policy, so that the mistake is seen where it was made.
 */
export function sessionPolicy(leasable: string, { allow }: RoleToLease, purpose: string): string {
  const statements = allow
    .filter(({ purposes }) => purposes === undefined || purposes.includes(purpose))
    .map(({ actions, resources, when }) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
      ...(when === undefined ? {} : { Condition: when }),
    }));
  if (statements.length === 0) {
    throw new LockstepError(
      'INVENTORY_INVALID',
      `nothing in allow of ${leasable} is for the purpose that it was asked for; add a statement, or take the purpose away`,
    );
  }
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  if (text.length <= POLICY_CHARACTERS) return text;
  throw new LockstepError(
    'INVENTORY_INVALID',
    `the session policy of ${leasable} has ${text.length} characters, and STS takes ${POLICY_CHARACTERS}; shorten allow`,
  );
}
