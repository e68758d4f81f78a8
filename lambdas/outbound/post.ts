import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../core/time.ts';
import {
  checkedPlace,
  deadlineOf,
  failedBy,
  type CheckedPlace,
  type NotAnswered,
  type Resolve,
} from './checked-place.ts';
import { openRequest } from './open-request.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** How long we wait and how much we read. Standard Webhooks recommends 15 to 30 seconds in all. */
interface OutboundLimits {
  readonly connectMilliseconds: number;
  readonly totalMilliseconds: number;
  readonly bodyBytes: number;
}

const LIMITS: OutboundLimits = { connectMilliseconds: 5_000, totalMilliseconds: 20_000, bodyBytes: 65_536 };

/** What requests to the outside need. */
export interface OutboundPorts {
  readonly clock: Clock;
  /** The system's resolver where absent. */
  readonly resolve?: Resolve;
  readonly limits?: Partial<OutboundLimits>;
  /** Authorities besides the system's, in PEM: for a receiver with a certificate of its own. */
  readonly ca?: string;
}

/** One message to a receiver that somebody else runs. */
interface OutboundMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowHosts: readonly string[];
}

/** What came of it. The body of an answer is nobody's business: it is not kept, and so cannot be logged. */
export type OutboundAnswer =
  | { readonly outcome: 'answered'; readonly status: number; readonly retryAfterSeconds?: number }
  | NotAnswered;

/** Sends one message and reports the status. */
export type OutboundPost = (message: OutboundMessage) => Promise<OutboundAnswer>;

/**
 * POST to places that others choose, made so that they cannot turn it against this network.
 *
 * The host is resolved once, each of its addresses is judged, and the socket may go to those addresses alone:
 * between the check and the use there is no second look-up that could answer differently (DNS rebinding). No
 * redirect is followed, no connection is shared or kept, no proxy of the environment is used, certificates are
 * always checked. Time is bounded for connecting and in all, whatever the other side trickles; so are the bytes.
 */
export function outboundPost(ports: OutboundPorts): OutboundPost {
  const limits = { ...LIMITS, ...ports.limits };
  return async (message) => {
    const deadline = deadlineOf(limits.totalMilliseconds);
    try {
      const checked = await Promise.race([checkedPlace(ports, message), deadline.passed]);
      if ('outcome' in checked) return checked;
      return await send(ports, limits, message, checked, deadline.passed);
    } finally {
      deadline.cancel();
    }
  };
}

async function send(
  ports: OutboundPorts,
  limits: OutboundLimits,
  message: OutboundMessage,
  place: CheckedPlace,
  passed: Promise<OutboundAnswer>,
): Promise<OutboundAnswer> {
  let request: ClientRequest | undefined;
  try {
    request = openRequest(place, {
      method: 'POST',
      ca: ports.ca,
      headers: { ...message.headers, 'content-length': String(Buffer.byteLength(message.body)) },
    });
    return await Promise.race([exchange(request, message.body, limits, ports.clock), passed]);
  } catch (error) {
    // Node refuses a header with a line break here, before anything was sent.
    return failedBy(error);
  } finally {
    request?.destroy();
  }
}

function exchange(
  request: ClientRequest,
  body: string,
  limits: OutboundLimits,
  clock: Clock,
): Promise<OutboundAnswer> {
  return new Promise((settle) => {
    const connecting = setTimeout(
      () => settle({ outcome: 'failed', why: 'timeout', code: 'ETIMEDOUT' }),
      limits.connectMilliseconds,
    );
    const connected = (): void => clearTimeout(connecting);
    request.on('socket', (socket) => {
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    });
    request.on('response', (response) => {
      const answer = answerOf(response, clock);
      // The status is the whole answer. A polite receiver may finish its body; nobody is waited for beyond that.
      void drain(response, limits).then(() => settle(answer));
    });
    request.on('error', (error) => settle(failedBy(error)));
    // An answer that ends without a response (101, a closed socket) leaves no other trace.
    request.on('close', () => {
      connected();
      settle({ outcome: 'failed', why: 'broken', code: 'ECONNRESET' });
    });
    request.end(body);
  });
}

function answerOf(response: IncomingMessage, clock: Clock): OutboundAnswer {
  const status = response.statusCode ?? 0;
  const wait = retryAfterSeconds(response.headers['retry-after'], clock());
  return { outcome: 'answered', status, ...(wait === undefined ? {} : { retryAfterSeconds: wait }) };
}

/** Reads a body away, up to the limit of bytes and for a second at most. */
function drain(response: IncomingMessage, { bodyBytes }: OutboundLimits): Promise<void> {
  return new Promise((settle) => {
    let seen = 0;
    const patience = setTimeout(end, 1_000);
    function end(): void {
      clearTimeout(patience);
      response.destroy();
      settle();
    }
    response.on('data', (chunk: Buffer) => {
      seen += chunk.length;
      if (seen > bodyBytes) end();
    });
    response.on('end', end);
    response.on('error', end);
    response.on('close', end);
  });
}
