import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmodSync, rmSync } from 'node:fs';
import { parseJson } from '../../lambdas/contracts/check.ts';
import { failureAnswer, okAnswer, type HttpAnswer } from '../../lambdas/contracts/http-answer.ts';
import { parseOrder, parseQuery, type Order, type Query } from '../../lambdas/contracts/orders.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';

/** What the command line may ask a runtime for. */
export interface ControlTarget {
  readonly operate: (operator: { readonly name: string }, order: Order) => Promise<unknown>;
  readonly report: (query: Query) => Promise<unknown>;
  /** Puts a person's first value, by that person's own right. */
  readonly putFirst: (credential: string, value: Secret) => Promise<void>;
  /** A request failed for a reason that nobody has foreseen. */
  readonly onTrouble?: (error: unknown) => void;
}

const MAX_BODY = 128 * 1024;

/**
 * The runtime's local socket: who may connect is decided by the file's mode (0600), as with PostgreSQL's own
 * sockets; the operator's name is what the command line says of its user, for the record.
 */
export function openControl(path: string, target: ControlTarget): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    serve(target, request)
      .catch((error: unknown) => {
        if (!isLockstepError(error)) target.onTrouble?.(error);
        return failureAnswer(error);
      })
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

async function serve(target: ControlTarget, request: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    if (chunks.reduce((sum, { length }) => sum + length, 0) > MAX_BODY)
      throw new LockstepError('MALFORMED_REQUEST', 'the request is too large');
  }
  const body = parseJson(
    Buffer.concat(chunks).toString('utf8') || 'null',
    'MALFORMED_REQUEST',
    'the request',
  );
  switch (`${request.method} ${request.url}`) {
    case 'POST /orders':
      return okAnswer(await target.operate({ name: operatorName(request) }, parseOrder(body)));
    case 'POST /queries':
      return okAnswer(await target.report(parseQuery(body)));
    case 'POST /first-values': {
      const { credential, value } = firstValue(body);
      await target.putFirst(credential, value);
      return okAnswer({ put: credential });
    }
    default:
      throw new LockstepError('MALFORMED_REQUEST', 'the runtime takes /orders, /queries and /first-values');
  }
}

function operatorName(request: IncomingMessage): string {
  const name = request.headers['x-lockstep-operator'];
  return typeof name === 'string' && /^[\w.@-]{1,64}$/.test(name) ? name : 'unknown';
}

function firstValue(body: unknown): { readonly credential: string; readonly value: Secret } {
  const field = (name: string): unknown =>
    typeof body === 'object' && body !== null
      ? Object.getOwnPropertyDescriptor(body, name)?.value
      : undefined;
  const [credential, value] = [field('credential'), field('value')];
  if (typeof credential === 'string' && typeof value === 'string' && value !== '')
    return { credential, value: new Secret(value) };
  throw new LockstepError('MALFORMED_REQUEST', 'a first value names its credential and is a text');
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
