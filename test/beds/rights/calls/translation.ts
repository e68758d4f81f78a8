import type { Asked } from '../asked.ts';
import type { RecordedCall } from '../recorded-call.ts';
import type { Site } from '../site-of.ts';

/** What has to be known besides the call itself. */
export interface Caller {
  readonly site: Site;
  /** The ARN of the role that the function acts as. */
  readonly role: string;
  /** The function that rotates a secret, by the secret's ARN: what RotateSecret configured before this call. */
  readonly rotatedBy: ReadonlyMap<string, string>;
}

/**
 * The questions that AWS puts to IAM for one call of one service. Throws `NotUnderstood` for an operation that nobody
 * has described, and for a recording that lacks what a question needs.
 */
export type Translation = (call: RecordedCall, caller: Caller) => readonly Asked[];
