import { Agent, request, type ClientRequest, type RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authority } from './authority.ts';
import { dial, dialTls, type DialedPlace, type DialPorts } from './dial.ts';

/** Connections that wait for the next request are closed after this; a target that says less is believed. */
const IDLE_MS = 15_000;
/** A target that says nothing for longer has forgotten us. */
export const SILENT_MS = 600_000;
const HEADER_BYTES = 64 * 1024;

/** One request as it goes out. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Node's flat list. */
  readonly headers: string[];
}

/** Keeps connections to one place open. Each was opened to addresses that had been judged. */
class PlaceAgent extends Agent {
  readonly #open: () => Promise<Duplex>;

  constructor(open: () => Promise<Duplex>) {
    super({ keepAlive: true, maxFreeSockets: 16, timeout: IDLE_MS, scheduling: 'lifo' });
    this.#open = open;
  }

  override createConnection(
    _options: RequestOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (stream) => done?.(null, stream),
      // Node's type has no room for a failure without a stream; its code looks at the error first.
      (error: Error) => (done as ((error: Error) => void) | undefined)?.(error),
    );
  }
}

/** The ways out of one pass. Nobody shares a connection with another pass. */
export class Upstream {
  readonly #ports: DialPorts;
  readonly #agents = new Map<string, PlaceAgent>();

  constructor(ports: DialPorts) {
    this.#ports = ports;
  }

  /** Begins a request; it is sent on a connection that is open, or on a new one. */
  send(place: DialedPlace, isTls: boolean, { method, target, headers }: UpstreamRequest): ClientRequest {
    const outgoing = request({
      agent: this.#agentFor(place, isTls),
      host: place.host,
      port: place.port,
      method,
      path: target,
      headers,
      setHost: false,
      insecureHTTPParser: false,
      maxHeaderSize: HEADER_BYTES,
    });
    outgoing.setTimeout(SILENT_MS, () =>
      outgoing.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })),
    );
    return outgoing;
  }

  /** Ends every connection. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #agentFor(place: DialedPlace, isTls: boolean): PlaceAgent {
    const key = JSON.stringify([nameOf(place), isTls, place.network, place.ca]);
    const known = this.#agents.get(key);
    if (known) return known;
    const agent = new PlaceAgent(() => (isTls ? dialTls : dial)(place, this.#ports));
    this.#agents.set(key, agent);
    return agent;
  }
}

const nameOf = ({ host, port }: Authority): string => `${host}:${port}`;
