import { foreignName } from '../../../lambdas/core/errors.ts';

/** How a call ended: `done`, or the name of the error that it was refused with. */
export const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => foreignName(error),
  );
