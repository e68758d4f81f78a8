import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DependentRequest } from '../../lambdas/acknowledge/answer-dependent.ts';
import { parseJson } from '../../lambdas/contracts/check.ts';
import { failureAnswer, okAnswer, type HttpAnswer } from '../../lambdas/contracts/http-answer.ts';
import { LockstepError, isLockstepError } from '../../lambdas/core/errors.ts';
import type { Metrics } from '../../lambdas/core/ports/metrics.ts';
import type { SecretVersion, VersionSelector } from '../../lambdas/core/ports/vault.ts';
import type { AccessRequest } from '../../lambdas/grant-lease/answer-access.ts';
import { isForBroker, shownBy } from './access-door.ts';
import type { ProofAuthenticator } from './authenticate.ts';

/** What the endpoint opens onto. */
export interface EndpointOptions {
  readonly port: number;
  readonly authenticator: ProofAuthenticator;
  /** Reads a credential as a workload; the vault decides whether it may, and makes the record. */
  readonly read: (workload: string, credential: string, selector: VersionSelector) => Promise<SecretVersion>;
  readonly answerDependent: (workload: string, request: DependentRequest) => Promise<unknown>;
  /** The broker. */
  readonly answerAccess: (request: AccessRequest) => Promise<unknown>;
  /** What the issuers of this world publish at a path. */
  readonly published: (path: string) => Promise<object | undefined>;
  readonly metrics: Metrics;
  /** The page of metrics. */
  readonly page: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** A request failed for a reason that nobody has foreseen. */
  readonly onTrouble?: (error: unknown) => void;
}

const MAX_BODY = 16 * 1024;
const ORIGIN = 'http://endpoint';
/** As Secrets Manager's ClientRequestToken, or shorter; and as the names of the inventory. */
const VERSION = /^[\w-]{1,64}$/;
const CREDENTIAL = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * The door of the embedded world, on loopback: `GET /secrets/<credential>[?version=…]` hands over a value, `POST
 * /acknowledge`, `GET /expected` and `POST /access` are those of the functions on AWS, `GET /metrics` is OpenMetrics, and
 * below `/issuers/` stand the keys of those who sign tokens here.
 */
export function openEndpoint(options: EndpointOptions): Promise<Server> {
  const server = createServer((request, response) => {
    serve(options, request)
      .catch((error: unknown) => {
        if (!isLockstepError(error)) options.onTrouble?.(error);
        return failureAnswer(error);
      })
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const inUse = 'code' in error && error.code === 'EADDRINUSE';
      reject(
        inUse
          ? new LockstepError(
              'PORT_IN_USE',
              `port ${options.port} of the read endpoint is in use by another process; stop it, or remove .lockstep/ports.json`,
              { cause: error },
            )
          : error,
      );
    });
    server.listen(options.port, '127.0.0.1', () => resolve(server));
  });
}

async function serve(
  options: EndpointOptions,
  request: IncomingMessage,
): Promise<HttpAnswer & { readonly text?: string }> {
  const target = request.url ?? '/';
  const url = locate(target);
  const method = request.method ?? 'GET';
  if (method === 'GET' && url.pathname === '/metrics') {
    const { contentType, text } = await options.page();
    return { status: 200, headers: { 'content-type': contentType }, body: undefined, text };
  }
  if (isForBroker(method, url.pathname)) return askBroker(options, request, target);
  const published = method === 'GET' ? await options.published(url.pathname) : undefined;
  if (published) return okAnswer(published);
  const { workload, body } = await admitted(options, request, { method, target, path: url.pathname });
  const credential = /^\/secrets\/([^/]+)$/.exec(url.pathname)?.[1];
  if (method === 'GET' && credential !== undefined) return handOver(options, workload, credential, url);
  const query = Object.fromEntries(url.searchParams);
  return okAnswer(await options.answerDependent(workload, { method, path: url.pathname, query, body }));
}

/**
 * Who makes a request, and what it holds. An acknowledgement that does not come so far (too large, not signed, not
 * JSON) is counted with those that the use case refuses.
 */
async function admitted(
  { authenticator, metrics }: EndpointOptions,
  request: IncomingMessage,
  { method, target, path }: { readonly method: string; readonly target: string; readonly path: string },
): Promise<{ readonly workload: string; readonly body: unknown }> {
  try {
    const text = await readBody(request);
    const { authorization } = request.headers;
    const workload = await authenticator.authenticate({ method, target, body: text, authorization });
    const body = text === '' ? undefined : parseJson(text, 'MALFORMED_REQUEST', 'the body of the request');
    return { workload, body };
  } catch (error) {
    if (method === 'POST' && path === '/acknowledge')
      metrics.count('lockstep_acknowledgements', { outcome: 'refused' });
    throw error;
  }
}

/** A body is judged by its size and by who proves it, and only then looked at. */
async function askBroker(
  { authenticator, answerAccess }: EndpointOptions,
  request: IncomingMessage,
  target: string,
): Promise<HttpAnswer> {
  const body = await readBody(request);
  const shown = await shownBy(authenticator, { method: 'POST', target, body, headers: request.headers });
  const source = request.socket.remoteAddress;
  return okAnswer(
    await answerAccess({
      shown,
      body: parseJson(body, 'MALFORMED_REQUEST', 'the body of the request'),
      ...(source === undefined ? {} : { source }),
    }),
  );
}

/** The parts of a request's target, none of which has to be what a client of ours would send. */
function locate(target: string): URL {
  const url = URL.canParse(target, ORIGIN) ? new URL(target, ORIGIN) : undefined;
  if (url?.origin === ORIGIN) return url;
  throw new LockstepError('MALFORMED_REQUEST', 'the target of the request is no path of this endpoint');
}

async function handOver(
  { read, metrics }: EndpointOptions,
  workload: string,
  credential: string,
  url: URL,
): Promise<HttpAnswer> {
  const version = url.searchParams.get('version');
  if (!CREDENTIAL.test(credential) || (version !== null && !VERSION.test(version)))
    throw new LockstepError('MALFORMED_REQUEST', 'ask for /secrets/<credential>, or a ?version=<id> of it');
  try {
    const found = await read(workload, credential, version === null ? {} : { version });
    metrics.count('lockstep_reads', { outcome: 'served' });
    return okAnswer({ version: found.version, labels: found.labels, value: found.value.reveal() });
  } catch (error) {
    metrics.count('lockstep_reads', {
      outcome: isLockstepError(error, 'VAULT_REFUSED') ? 'refused' : 'failed',
    });
    // The same to a stranger and to a typing mistake: which secrets exist is nobody's business.
    if (isLockstepError(error, 'VAULT_REFUSED', 'UNKNOWN_CREDENTIAL')) {
      throw new LockstepError(
        'NOT_BOUND',
        'this workload is not bound to that credential; name it in boundTo if it should be',
      );
    }
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > MAX_BODY)
      throw new LockstepError('MALFORMED_REQUEST', `a body of more than ${MAX_BODY} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  { status, headers, body, text }: HttpAnswer & { readonly text?: string },
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(text ?? JSON.stringify(body));
}
