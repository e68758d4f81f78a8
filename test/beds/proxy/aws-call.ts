import type { IncomingHttpHeaders } from 'node:http';

/** One call of an AWS API, as it came. */
export interface AwsCall {
  /** The application id of the caller's SDK, `app/<id>` in its user agent: who of ours it was. */
  readonly application: string | undefined;
  /** The access key that it was signed with. */
  readonly accessKey: string | undefined;
  /** The signing name of the service: `secretsmanager`, `dynamodb`, `lambda` … */
  readonly service: string;
  /** The API operation: `GetSecretValue`, `Invoke` … */
  readonly action: string;
  /** Parameters: the parsed body, with those of path and query beside it where the protocol is REST. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The parts of an HTTP request that make up a call. */
export type RawCall = Pick<AwsCall, 'method' | 'target' | 'headers' | 'body'>;

/**
 * Reads a call of the protocols that our clients speak: JSON 1.0 and 1.1 (`x-amz-target`), Query, and REST for Lambda,
 * Scheduler and S3. Throws where it cannot tell the operation: what is not understood must not pass as harmless.
 */
export function readCall(raw: RawCall): AwsCall {
  const { headers } = raw;
  const scope = /Credential=([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  const service = scope?.[2] ?? 'unsigned';
  const application = /(?:^|\s)app\/(\S+)/.exec(headers['user-agent'] ?? '')?.[1];
  return { ...raw, application, accessKey: scope?.[1], service, ...operationOf(service, raw) };
}

type Operation = Pick<AwsCall, 'action' | 'parameters'>;

function operationOf(service: string, raw: RawCall): Operation {
  const { headers, body } = raw;
  const target = headers['x-amz-target'];
  if (typeof target === 'string')
    return { action: target.split('.').at(-1) ?? target, parameters: jsonIn(body) };
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    const { Action, ...parameters } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    return { action: Action ?? 'unknown', parameters };
  }
  const route = REST.find(
    (each) => each.service === service && each.method === raw.method && each.path.test(pathOf(raw)),
  );
  if (!route) throw new TypeError(`no operation is known for ${raw.method} ${raw.target} of ${service}`);
  return { action: actionOf(route, raw), parameters: restParameters(route, raw) };
}

interface Route {
  readonly service: string;
  readonly method: string;
  readonly path: RegExp;
  readonly action: string;
  /** Where the query tells several operations of one path apart. */
  readonly byQuery?: Readonly<Record<string, string>>;
}

const FUNCTION = '/functions/(?<FunctionName>[^/]+)';

/** The operations of REST protocols that Lockstep's clients call. */
const REST: readonly Route[] = [
  {
    service: 'lambda',
    method: 'POST',
    path: new RegExp(`^/[^/]+${FUNCTION}/invocations$`),
    action: 'Invoke',
  },
  {
    service: 'lambda',
    method: 'GET',
    path: new RegExp(`^/[^/]+${FUNCTION}/url$`),
    action: 'GetFunctionUrlConfig',
  },
  ...(['POST', 'PUT', 'DELETE'] as const).map((method, index) => ({
    service: 'scheduler',
    method,
    path: /^\/schedules\/(?<Name>[^/]+)$/,
    action: ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule'][index] ?? '',
  })),
  { service: 's3', method: 'PUT', path: /^\/(?<Bucket>[^/]+)\/(?<Key>.+)$/, action: 'PutObject' },
  { service: 's3', method: 'GET', path: /^\/(?<Bucket>[^/]+)\/(?<Key>.+)$/, action: 'GetObject' },
  { service: 's3', method: 'HEAD', path: /^\/(?<Bucket>[^/]+)\/(?<Key>.+)$/, action: 'HeadObject' },
  {
    service: 's3',
    method: 'GET',
    path: /^\/(?<Bucket>[^/]+)\/?$/,
    action: 'ListObjects',
    byQuery: { 'list-type': 'ListObjectsV2' },
  },
];

const pathOf = ({ target }: RawCall): string => target.split('?')[0] ?? target;
const queryOf = ({ target }: RawCall): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(target.split('?')[1] ?? ''));

const actionOf = ({ action, byQuery = {} }: Route, raw: RawCall): string =>
  Object.entries(byQuery).find(([name]) => name in queryOf(raw))?.[1] ?? action;

function restParameters({ path, action }: Route, raw: RawCall): Readonly<Record<string, unknown>> {
  const inPath = Object.entries(path.exec(pathOf(raw))?.groups ?? {});
  const decoded = Object.fromEntries(inPath.map(([name, value]) => [name, decodeURIComponent(value)]));
  const isJson = raw.headers['content-type']?.includes('json') === true;
  // What a function is invoked with is its own, and is told as octets.
  const content = action === 'Invoke' ? { Payload: jsonIn(raw.body) } : isJson ? jsonIn(raw.body) : {};
  return { ...content, ...queryOf(raw), ...decoded };
}

function jsonIn(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  const value: unknown = JSON.parse(body.toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
