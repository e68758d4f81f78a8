import { lookThrough, type Found, type NamedPolicy } from './look-through.ts';
import { NotUnderstood } from './not-understood.ts';
import { accountOf, serviceOf, type Request } from './request.ts';

/** Every policy that has a say in a request. */
export interface Policies {
  /** Those of the principal. A service that acts for itself has none. */
  readonly identity: readonly NamedPolicy[];
  /** The principal's permissions boundary, where it has one. */
  readonly boundary?: NamedPolicy;
  /** That of what is reached: a secret, queue, topic, table, bucket, key, function, or the trust policy of a role. */
  readonly resource?: NamedPolicy;
}

/** What comes of a request. */
export type Verdict = 'allowed' | 'implicitly-denied' | 'explicitly-denied';

/** A verdict, and the statements that it rests on: those that allow, or those that deny; none for an implicit denial. */
export interface Decision {
  readonly verdict: Verdict;
  readonly by: readonly Found[];
  /** Which policies would have had to allow it, for a person to read. */
  readonly because: string;
}

/**
 * What IAM decides
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Pure. An explicit denial
 * wins wherever it is; what nobody allows is denied. There are no organisation's policies and no session policies.
 *
 * Throws `NotUnderstood` for an operator, element, key or principal that it does not know, and for a request that does
 * not say what a policy asks for.
 */
export function evaluate(request: Request, policies: Policies): Decision {
  const { principal, resourceAccount } = request;
  if (principal.endsWith(':root')) throw new NotUnderstood(`${principal} is bound by no policy of its own`);
  const identity = policies.identity.flatMap((policy) => lookThrough(policy, 'of-principal', request));
  const boundary = policies.boundary && lookThrough(policies.boundary, 'of-principal', request);
  const resource = policies.resource ? lookThrough(policies.resource, 'of-resource', request) : [];

  const denials = [...identity, ...(boundary ?? []), ...resource].filter(isDenial);
  if (denials.length > 0)
    return { verdict: 'explicitly-denied', by: denials, because: 'a statement denies it' };

  const bounded = boundary === undefined || boundary.length > 0;
  const own = bounded ? identity : [];
  const isNear = serviceOf(principal) !== undefined || accountOf(principal) === resourceAccount;
  return isNear ? inOneAccount(request, { own, resource, bounded }) : acrossAccounts(own, resource);
}

interface Allowances {
  /** What the principal's policies allow, within its boundary. */
  readonly own: readonly Found[];
  readonly resource: readonly Found[];
  /** Whether the boundary, if there is one, allows it. */
  readonly bounded: boolean;
}

/**
 * In one account either side is enough, but for keys and for the trust of a role: those have to allow it themselves, or
 * leave it to the account.
 */
function inOneAccount({ action }: Request, { own, resource, bounded }: Allowances): Decision {
  const direct = resource.filter(
    ({ reach }) => reach === 'itself' || reach === 'anybody' || (reach === 'role' && bounded),
  );
  const byAccount = resource.filter(({ reach }) => reach === 'account');
  const hasToAllow = /^(kms|sts):/i.test(action);
  const granted = hasToAllow && byAccount.length === 0 ? [] : own;
  if (direct.length > 0 || granted.length > 0)
    return {
      verdict: 'allowed',
      by: [...granted, ...direct, ...byAccount],
      because: 'a statement allows it',
    };
  const because = hasToAllow
    ? 'the policy of what is reached has to allow it, or to leave it to the account, whose own policy then does'
    : 'neither the principal’s policies, within its boundary, nor that of what is reached allow it';
  return { verdict: 'implicitly-denied', by: [], because };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html */
function acrossAccounts(own: readonly Found[], resource: readonly Found[]): Decision {
  if (own.length > 0 && resource.length > 0)
    return { verdict: 'allowed', by: [...own, ...resource], because: 'both accounts allow it' };
  const because = 'the accounts are two, and both have to allow it';
  return { verdict: 'implicitly-denied', by: [], because };
}

const isDenial = ({ statement }: Found): boolean => statement.Effect === 'Deny';
