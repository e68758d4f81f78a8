import { NotUnderstood } from './not-understood.ts';

/** What a request carries besides action and resource, by key. `null`: it does not carry this key, for certain. */
export type Context = Readonly<Record<string, string | readonly string[] | null>>;

/** One request, as far as a single policy looks at it. */
export interface Attempt {
  /**
   * Whoever asks: the ARN of a role (also of a session: a function acts as its role), of a user or of an account's
   * root, or `service:<name>` for a service of AWS that acts for itself. May be missing where only policies of a
   * principal are asked.
   */
  readonly principal?: string;
  readonly action: string;
  /** An ARN, or `*` for an action that is about no resource. */
  readonly resource: string;
  readonly context?: Context;
}

/** One request, whole. */
export interface Request extends Attempt {
  readonly principal: string;
  /** The account that the resource lies in: the ARN of a bucket does not tell it. */
  readonly resourceAccount: string;
}

const SERVICE = 'service:';

/** The service of AWS that asks in its own name, if one does. */
export const serviceOf = (principal: string | undefined): string | undefined =>
  principal?.startsWith(SERVICE) ? principal.slice(SERVICE.length) : undefined;

/** The account of a principal; none for a service. Throws `NotUnderstood` for any other kind of principal. */
export function accountOf(principal: string): string | undefined {
  if (serviceOf(principal) !== undefined) return undefined;
  const account = /^arn:aws:iam::(\d{12}):(?:root$|(?:role|user)\/[^*?]+$)/.exec(principal)?.[1];
  if (account === undefined) throw new NotUnderstood(`${principal} is no role, user, root or service`);
  return account;
}
