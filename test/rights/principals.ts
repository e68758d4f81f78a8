import { NotUnderstood } from './not-understood.ts';
import { listOf, type PrincipalElement } from './policy.ts';
import { accountOf, serviceOf } from './request.ts';

/**
 * How near a statement comes to whoever asks. `account`: it leaves the account to decide, and grants nobody in it
 * anything by itself. `role`: it names the role, whose boundary goes on to count. `itself`: it names the user, the root
 * or the service. `anybody`: no boundary counts, also where a condition names one role
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
 */
export type Reach = 'nobody' | 'account' | 'role' | 'itself' | 'anybody';

const NEAREST: readonly Reach[] = ['anybody', 'itself', 'role', 'account', 'nobody'];

/** How near the principals of a statement come to one of them. Throws `NotUnderstood` for kinds that we do not use. */
export function reachOf(element: PrincipalElement, principal: string): Reach {
  if (element === '*') return 'anybody';
  const reaches = Object.entries(element).flatMap(([kind, names]) => {
    if (kind === 'AWS') return listOf(names).map((name) => reachOfName(name, principal));
    if (kind === 'Service')
      return listOf(names).map((name): Reach => (name === serviceOf(principal) ? 'itself' : 'nobody'));
    throw new NotUnderstood(`a principal of the kind ${kind}`);
  });
  return NEAREST.find((reach) => reaches.includes(reach)) ?? 'nobody';
}

function reachOfName(name: string, principal: string): Reach {
  if (name === '*') return 'anybody';
  const named = /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name;
  const account = accountOf(named);
  if (named === principal) return named.includes(':role/') ? 'role' : 'itself';
  return named.endsWith(':root') && account === accountOf(principal) ? 'account' : 'nobody';
}
