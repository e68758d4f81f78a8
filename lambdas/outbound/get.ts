import type { ClientRequest, IncomingMessage } from 'node:http';
import {
  checkedPlace,
  deadlineOf,
  failedBy,
  type CheckedPlace,
  type NotAnswered,
  type Resolve,
} from './checked-place.ts';
import { openRequest } from './open-request.ts';

/** Documents that others publish are small, and come at once. */
interface GetLimits {
  readonly totalMilliseconds: number;
  readonly bodyBytes: number;
}

const LIMITS: GetLimits = { totalMilliseconds: 5_000, bodyBytes: 131_072 };

/** What reading from the outside needs. */
export interface OutboundGetPorts {
  /** The system's resolver where absent. */
  readonly resolve?: Resolve;
  readonly limits?: Partial<GetLimits>;
  /** Authorities besides the system's, in PEM. */
  readonly ca?: string;
}

/** What came of it. The body is whatever the other side chose to send: parse it as that. */
export type OutboundDocument =
  { readonly outcome: 'answered'; readonly status: number; readonly body: string } | NotAnswered;

/** Reads one document. `allowHosts` are the hosts that may be inside this network. */
export type OutboundGet = (place: {
  readonly url: string;
  readonly allowHosts: readonly string[];
}) => Promise<OutboundDocument>;

/**
 * GET of a document at a place that others choose, under the same rules as `outboundPost`: addresses judged and pinned, no
 * redirect, no shared connection, certificates checked, time and bytes bounded. A document that is longer than the bound, or
 * does not come whole, is none.
 */
export function outboundGet(ports: OutboundGetPorts = {}): OutboundGet {
  const limits = { ...LIMITS, ...ports.limits };
  return async (place) => {
    const deadline = deadlineOf(limits.totalMilliseconds);
    try {
      const checked = await Promise.race([checkedPlace(ports, place), deadline.passed]);
      if ('outcome' in checked) return checked;
      return await read(ports, limits, checked, deadline.passed);
    } finally {
      deadline.cancel();
    }
  };
}

async function read(
  { ca }: OutboundGetPorts,
  { bodyBytes }: GetLimits,
  place: CheckedPlace,
  passed: Promise<NotAnswered>,
): Promise<OutboundDocument> {
  let request: ClientRequest | undefined;
  try {
    request = openRequest(place, {
      method: 'GET',
      ca,
      // What is packed could unpack to more than the bound.
      headers: { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'lockstep' },
    });
    return await Promise.race([answerTo(request, bodyBytes), passed]);
  } catch (error) {
    return failedBy(error);
  } finally {
    request?.destroy();
  }
}

const BROKEN: NotAnswered = { outcome: 'failed', why: 'broken', code: 'ECONNRESET' };
const TOO_LONG: NotAnswered = { outcome: 'failed', why: 'broken', code: 'EMSGSIZE' };

function answerTo(request: ClientRequest, bodyBytes: number): Promise<OutboundDocument> {
  return new Promise((settle) => {
    request.on('response', (response) => take(response, bodyBytes, settle));
    request.on('error', (error) => settle(failedBy(error)));
    request.on('close', () => settle(BROKEN));
    request.end();
  });
}

/** Settles in the event itself: behind a promise, the request's own `close` could come first. */
function take(
  response: IncomingMessage,
  bodyBytes: number,
  settle: (document: OutboundDocument) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyBytes) settle(TOO_LONG);
    else chunks.push(chunk);
  });
  response.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    settle({ outcome: 'answered', status: response.statusCode ?? 0, body });
  });
  response.on('error', (error) => settle(failedBy(error)));
  // A connection that is cut in the middle ends without `end`.
  response.on('close', () => settle(BROKEN));
}
