import type { PolicyAnswer, PolicyRequest } from '../policy/policy-request.ts';

/**
 * Answers questions by the policies and the inventory it was opened with.
 *
 * Obligations: nothing is allowed that no policy permits; a policy that cannot be evaluated denies; the same
 * question has the same answer. Never throws for a question of these types.
 */
export interface PolicyEngine {
  /** SHA-256 of the text of its policies and their schema: what it decides by, in the audit. */
  readonly digest: string;
  decide(request: PolicyRequest): PolicyAnswer;
}
