import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { anyRecord, fit, flag, optional, parseJson, record, text } from '../contracts/check.ts';
import { failureAnswer, okAnswer, type HttpAnswer } from '../contracts/http-answer.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Shell } from './serve.ts';

/** Who signed a request to a function URL, as IAM verified it. */
export interface SignedCaller {
  readonly account: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`, or a user's ARN. */
  readonly arn: string;
}

/** One request to a function URL. */
export interface SignedRequest {
  readonly caller: SignedCaller;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** Parsed; `undefined` where there was none. */
  readonly body: unknown;
  /** The alias whose URL was called; `undefined` for the function's own. */
  readonly alias: string | undefined;
}

/** Nothing that is sent to us comes near; a larger body is refused unread. */
const MAX_BODY = 16 * 1024;

interface Signed {
  readonly iam: { readonly accountId: string; readonly userArn: string };
}
interface RequestContext {
  readonly http: { readonly method: string; readonly path: string };
  readonly authorizer?: Signed;
}
interface UrlEvent {
  readonly requestContext: RequestContext;
  readonly queryStringParameters?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

// The body is not `text`: an empty one is allowed, and its size is judged before it is looked at.
const anyText = (value: unknown): string => (typeof value === 'string' ? value : '');

const urlEvent = record<UrlEvent>({
  requestContext: record<RequestContext>({
    http: record<RequestContext['http']>({ method: text, path: text }),
    authorizer: optional(record<Signed>({ iam: record<Signed['iam']>({ accountId: text, userArn: text }) })),
  }),
  queryStringParameters: optional(anyRecord),
  body: optional(anyText),
  isBase64Encoded: optional(flag),
});

/**
 * A function behind a URL with IAM authorisation. The caller is who IAM says that it is: an event without
 * one (an ordinary invocation, whose payload anybody may make up) is refused.
 */
export function serveUrl(
  { log, metrics }: Shell,
  work: (request: SignedRequest) => Promise<unknown>,
): (
  event: unknown,
  context: Pick<Context, 'invokedFunctionArn'>,
) => Promise<APIGatewayProxyStructuredResultV2> {
  return async (event, { invokedFunctionArn }) => {
    try {
      const request = counted(metrics, () => signedRequest(event, invokedFunctionArn));
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

function signedRequest(event: unknown, invokedFunctionArn: string): SignedRequest {
  const {
    requestContext,
    queryStringParameters = {},
    body,
    isBase64Encoded,
  } = fit(urlEvent, event, 'MALFORMED_REQUEST', 'a request to a function URL');
  const iam = requestContext.authorizer?.iam;
  if (!iam)
    throw new LockstepError(
      'UNAUTHENTICATED',
      'the request is not signed; call the URL with Signature Version 4',
    );
  return {
    caller: { account: iam.accountId, arn: iam.userArn },
    method: requestContext.http.method,
    path: requestContext.http.path,
    query: queryStringParameters,
    body: parseBody(body, isBase64Encoded === true),
    // arn:aws:lambda:<region>:<account>:function:<name>[:<alias>]
    alias: invokedFunctionArn.split(':')[7],
  };
}

function parseBody(body: string | undefined, isBase64: boolean): unknown {
  if (body === undefined || body === '') return undefined;
  if (body.length > MAX_BODY)
    throw new LockstepError('MALFORMED_REQUEST', `a body of more than ${MAX_BODY} characters`);
  const json = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body;
  return parseJson(json, 'MALFORMED_REQUEST', 'the body of the request');
}

const toUrlAnswer = ({ status, headers, body }: HttpAnswer): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
