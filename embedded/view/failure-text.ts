import { describeError, isLockstepError } from '../../lambdas/core/errors.ts';
import { stackFrames } from '../runtime/stack-frames.ts';

/**
 * A failure as whoever started the runtime reads it. Of an error that is none of ours only its name and the places
 * in code: its text may quote what it was given.
 */
export function failureText(error: unknown): string {
  const { code, message } = describeError(error);
  if (isLockstepError(error)) {
    const isOneLine = !message.includes('\n');
    return [
      `lockstep: ${message}${isOneLine ? ` (${code})` : ''}`,
      ...(code === 'INVENTORY_INVALID'
        ? ['', '  next: mend lockstep.config.ts; npx lockstep inventory check looks at every environment']
        : []),
    ].join('\n');
  }
  return [`lockstep: ${message} (${code})`, ...stackFrames(error)].join('\n');
}
