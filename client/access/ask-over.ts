import { ACCESS_PATH, MAX_ASK_LENGTH } from '../../lambdas/contracts/access-wire.ts';
import { fromFailure } from '../../lambdas/contracts/failure.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AccessConnection } from './access-connection.ts';
import { postAsk } from './post-ask.ts';
import { readReply } from './read-reply.ts';

/** One ask before it is proved who asks. */
export interface Unproved {
  readonly method: 'POST';
  readonly url: URL;
  readonly body: string;
}

/** How asks get to the broker, and how it is proved who asks. */
export interface AskRoute {
  /** Where the broker is now. */
  readonly broker: () => URL | Promise<URL>;
  /** The headers that prove it, for exactly this request. */
  readonly prove: (request: Unproved) => Promise<Readonly<Record<string, string>>>;
  /** @default 60 */
  readonly timeoutSeconds?: number;
}

/** A connection of one route. */
export const askOver = ({ broker, prove, timeoutSeconds = 60 }: AskRoute): AccessConnection => ({
  async ask(ask, asks) {
    const url = new URL(ACCESS_PATH, await broker());
    const body = JSON.stringify({ ask, ...asks });
    if (body.length > MAX_ASK_LENGTH)
      throw new LockstepError(
        'MALFORMED_REQUEST',
        `the ask ${ask} has ${body.length} characters, and the broker reads ${MAX_ASK_LENGTH}; nothing was sent`,
      );
    const headers = await prove({ method: 'POST', url, body });
    const answer = await postAsk({ url, headers, body, timeoutSeconds });
    if (answer.status >= 200 && answer.status < 300) return readReply(ask, answer.body);
    throw fromFailure(answer.body) ?? refusedAtTheDoor(url, answer.status);
  },
});

/** An answer that is none of the broker's: whatever stands before it refused, or it broke. */
function refusedAtTheDoor({ host }: URL, status: number): LockstepError {
  if (status === 401 || status === 403)
    return new LockstepError(
      'UNAUTHENTICATED',
      `the door of the broker at ${host} refused the call (${status}); this principal needs the right to call it. A session ` +
        'that has run out and a wrong clock are refused in the same way',
    );
  return new LockstepError(
    'NOTHING_REACHABLE',
    `${host} gave no answer of a broker (${status}); see that the address is right`,
  );
}
