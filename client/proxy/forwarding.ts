import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authority } from './authority.ts';
import type { Pass } from './pass.ts';

/** A request that came through a pass, for one place. */
export interface Forwarding {
  readonly pass: Pass;
  readonly authority: Authority;
  readonly isTls: boolean;
  /** Its target in origin form, as it was sent. */
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Tells a client that waits for it to send its body. Once is enough. */
  readonly goAhead?: () => void;
}
