import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { failureAnswer, okAnswer } from '../contracts/http-answer.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Shell } from './serve.ts';
import { readUrlEvent, toUrlAnswer, type UrlRequest } from './url-event.ts';

/** Who signed a request to a function URL, as IAM verified it. */
export interface SignedCaller {
  readonly account: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`, or a user's ARN. */
  readonly arn: string;
}

/** One signed request to a function URL. */
export interface SignedRequest extends Pick<UrlRequest, 'method' | 'path' | 'query' | 'body' | 'alias'> {
  readonly caller: SignedCaller;
}

/** The handler of a function behind a URL. */
export type UrlHandler = (
  event: unknown,
  context: Pick<Context, 'invokedFunctionArn'>,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * A function behind a URL with IAM authorisation. The caller is who IAM says that it is: an event without
 * one (an ordinary invocation, whose payload anybody may make up) is refused.
 */
export const serveUrl = (shell: Shell, work: (request: SignedRequest) => Promise<unknown>): UrlHandler =>
  answerUrl(shell, signedRequest, work);

/**
 * Serves requests to a function URL: reads each, has it worked on, and answers with the result, or with the failure in the
 * form in which it can cross.
 */
export function answerUrl<T>(
  { log, metrics }: Shell,
  read: (request: UrlRequest) => T,
  work: (request: T) => Promise<unknown>,
): UrlHandler {
  return async (event, { invokedFunctionArn }) => {
    try {
      const request = counted(metrics, () => read(readUrlEvent(event, invokedFunctionArn)));
      return toUrlAnswer(okAnswer(await work(request)));
    } catch (error) {
      // What a sender did wrong is counted, here or by the use case; what we could not do is logged.
      if (!isLockstepError(error) || error.remedy !== 'sender') log.failure('request failed', error);
      return toUrlAnswer(failureAnswer(error));
    } finally {
      metrics.flush();
    }
  };
}

/** A request that does not even reach its use case is counted as a message that was dropped. */
function counted<T>(metrics: Metrics, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isLockstepError(error)) metrics.count('lockstep_messages_dropped', { code: error.code });
    throw error;
  }
}

function signedRequest({ iam, method, path, query, body, alias }: UrlRequest): SignedRequest {
  if (iam) return { caller: { account: iam.accountId, arn: iam.userArn }, method, path, query, body, alias };
  throw new LockstepError(
    'UNAUTHENTICATED',
    'the request is not signed; call the URL with Signature Version 4',
  );
}
