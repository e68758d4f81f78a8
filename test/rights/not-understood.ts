/**
 * The evaluator met something that it does not know, or a request that does not say enough. It is never a verdict: a
 * condition that nobody understood must count neither as met nor as missed.
 */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood';
}
