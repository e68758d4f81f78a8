import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { anyRecord, fit, flag, optional, parseJson, record, text } from '../contracts/check.ts';
import type { HttpAnswer } from '../contracts/http-answer.ts';
import { LockstepError } from '../core/errors.ts';

/** A request to a function URL, as Lambda hands it over (payload format 2.0). */
export interface UrlRequest {
  /** Who signed it, where the URL has IAM authorisation. */
  readonly iam?: { readonly accountId: string; readonly userArn: string };
  readonly method: string;
  readonly path: string;
  /** The address that it came from. */
  readonly source?: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
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
  readonly http: { readonly method: string; readonly path: string; readonly sourceIp?: string };
  readonly authorizer?: Signed;
}
interface UrlEvent {
  readonly requestContext: RequestContext;
  readonly queryStringParameters?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

// The body is not `text`: an empty one is allowed, and its size is judged before it is looked at.
const anyText = (value: unknown): string => (typeof value === 'string' ? value : '');

const urlEvent = record<UrlEvent>({
  requestContext: record<RequestContext>({
    http: record<RequestContext['http']>({ method: text, path: text, sourceIp: optional(text) }),
    authorizer: optional(record<Signed>({ iam: record<Signed['iam']>({ accountId: text, userArn: text }) })),
  }),
  queryStringParameters: optional(anyRecord),
  headers: optional(anyRecord),
  body: optional(anyText),
  isBase64Encoded: optional(flag),
});

/** Reads an event. Throws `MALFORMED_REQUEST`, which quotes nothing of it. */
export function readUrlEvent(event: unknown, invokedFunctionArn: string): UrlRequest {
  const { requestContext, queryStringParameters, headers, body, isBase64Encoded } = fit(
    urlEvent,
    event,
    'MALFORMED_REQUEST',
    'a request to a function URL',
  );
  const { http, authorizer } = requestContext;
  return {
    ...(authorizer ? { iam: authorizer.iam } : {}),
    method: http.method,
    path: http.path,
    ...(http.sourceIp === undefined ? {} : { source: http.sourceIp }),
    query: queryStringParameters ?? {},
    headers: headers ?? {},
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

/** An answer in the form that Lambda takes. */
export const toUrlAnswer = ({ status, headers, body }: HttpAnswer): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
