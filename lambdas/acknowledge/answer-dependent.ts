import { LockstepError } from '../core/errors.ts';
import {
  acknowledge,
  type AcknowledgePorts,
  type AcknowledgementAnswer,
  type Caller,
} from './acknowledge.ts';
import { whatIsExpected, type Expected } from './what-is-expected.ts';

/** A request of a dependent, whichever world it came in by. */
export interface DependentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/**
 * The endpoint of dependents, the same in both worlds: `POST /acknowledge` takes a proof, `GET /expected?credential=…`
 * tells what is expected of the caller.
 */
export async function answerDependent(
  ports: AcknowledgePorts,
  caller: Caller,
  { method, path, query, body }: DependentRequest,
): Promise<AcknowledgementAnswer | { readonly expected: readonly Expected[] }> {
  if (method === 'POST' && path === '/acknowledge') return acknowledge(ports, caller, body);
  if (method === 'GET' && path === '/expected') {
    const { credential } = query;
    if (typeof credential !== 'string')
      throw new LockstepError('MALFORMED_REQUEST', 'name the credential: /expected?credential=…');
    return { expected: await whatIsExpected(ports, caller, credential) };
  }
  throw new LockstepError(
    'MALFORMED_REQUEST',
    'there is POST /acknowledge and GET /expected?credential=…, and nothing else',
  );
}
