/**
 * Waits for all, and only then fails with the first failure: whoever takes down what was brought up must not be
 * quicker than something that is still coming up.
 */
export async function allSettled(working: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(working);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
