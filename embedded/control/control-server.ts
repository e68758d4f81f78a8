import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chmodSync, rmSync } from 'node:fs';
import { fit, listOf, optional, parseJson, record, text } from '../../lambdas/contracts/check.ts';
import { failureAnswer, okAnswer, type HttpAnswer } from '../../lambdas/contracts/http-answer.ts';
import { parseOrder, parseQuery, type Order, type Query } from '../../lambdas/contracts/orders.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { ProvedSupply, PutSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import type { TokenOrder } from '../issuer/token-issuer.ts';

/** What the command line may ask a runtime for. */
export interface ControlTarget {
  readonly operate: (operator: { readonly name: string }, order: Order) => Promise<unknown>;
  readonly report: (query: Query) => Promise<unknown>;
  /** Puts a person's first value, by that person's own right. */
  readonly putFirst: (credential: string, value: Secret) => Promise<void>;
  /** Signs a token of an issuer of this world. */
  readonly signToken: (order: TokenOrder) => Promise<Secret>;
  /** Puts a new value of a lease authority by the person's own right, and makes it current once it is proved. */
  readonly putSupply: (authority: string, version: string, value: Secret) => Promise<PutSupply>;
  readonly proveSupply: (authority: string) => Promise<ProvedSupply>;
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
    case 'POST /tokens':
      return okAnswer({ token: (await target.signToken(tokenOrder(body))).reveal() });
    case 'POST /supplies': {
      const { authority, version, value } = supply(body);
      return okAnswer(await target.putSupply(authority, version, value));
    }
    case 'POST /supplies/proof':
      return okAnswer(await target.proveSupply(supplyToProve(body).authority));
    default:
      throw new LockstepError('MALFORMED_REQUEST', 'the runtime takes nothing of that name over this socket');
  }
}

function operatorName(request: IncomingMessage): string {
  const name = request.headers['x-lockstep-operator'];
  return typeof name === 'string' && /^[\w.@-]{1,64}$/.test(name) ? name : 'unknown';
}

const valued = record({ credential: text, value: anySecret });
const supplied = record({ authority: text, version: text, value: anySecret });

const firstValue = (body: unknown) => fit(valued, body, 'MALFORMED_REQUEST', 'a first value');
const supply = (body: unknown) => fit(supplied, body, 'MALFORMED_REQUEST', 'a value of a lease authority');
const supplyToProve = (body: unknown) =>
  fit(record({ authority: text }), body, 'MALFORMED_REQUEST', 'a lease authority to prove');
const tokenOrder = (body: unknown): TokenOrder =>
  fit(
    record<TokenOrder>({
      issuer: text,
      subject: text,
      groups: optional(listOf(text)),
      purposes: optional(listOf(text)),
      leases: optional(listOf(text)),
    }),
    body,
    'MALFORMED_REQUEST',
    'an order for a token',
  );

/** A value, as long as values are. */
function anySecret(value: unknown, path: string): Secret {
  if (typeof value === 'string' && value !== '') return new Secret(value);
  throw new LockstepError('MALFORMED_REQUEST', `${path} should be a text`);
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
