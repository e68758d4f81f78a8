import { lookThrough } from './look-through.ts';
import type { Policy, Statement } from './policy.ts';
import type { Attempt } from './request.ts';

/** What policies of a principal say by themselves: an allowance, and no denial. */
export const mayByIdentity = (statements: readonly Statement[], attempt: Attempt): boolean => {
  const found = lookThrough(
    { name: 'the policy', document: { Statement: statements } },
    'of-principal',
    attempt,
  );
  return found.length > 0 && found.every(({ statement }) => statement.Effect === 'Allow');
};

/**
 * What the policy of a resource says by itself of one principal. `allowed` may mean that it leaves it to the
 * principal's account.
 */
export function verdictOf(
  document: Policy,
  attempt: Attempt,
  principal: string,
): 'allowed' | 'denied' | 'silent' {
  const found = lookThrough({ name: 'the policy', document }, 'of-resource', { ...attempt, principal });
  if (found.some(({ statement }) => statement.Effect === 'Deny')) return 'denied';
  return found.length > 0 ? 'allowed' : 'silent';
}
