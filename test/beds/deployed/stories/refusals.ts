import { isLockstepError } from '../../../../lambdas/core/errors.ts';

/** What somebody is told who is refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What an ask is refused with. Throws where it is not refused, or fails otherwise. */
export async function refusalOf(asked: Promise<unknown>): Promise<Refusal> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isLockstepError(error)) return { code: error.code, message: error.message };
  throw error ?? new Error('it was not refused');
}

/** Its code alone. */
export const codeOf = async (asked: Promise<unknown>): Promise<string> => (await refusalOf(asked)).code;

/** Asks that were made at the same moment: what was answered, and the codes of those that were refused. */
export async function allAtOnce<T>(
  asked: readonly Promise<T>[],
): Promise<{ readonly answered: readonly T[]; readonly refused: readonly string[] }> {
  const settled = await Promise.allSettled(asked);
  const answered = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.flatMap((each) => (each.status === 'rejected' ? [Promise.reject(each.reason)] : []));
  return { answered, refused: await Promise.all(failed.map(codeOf)) };
}
