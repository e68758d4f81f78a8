import { eventOfDelivery, parseBusDelivery } from '../contracts/bus-envelope.ts';
import { parseJson } from '../contracts/check.ts';
import type { Inventory } from '../core/credential.ts';
import { isLockstepError, LockstepError } from '../core/errors.ts';
import { findCredentialOfSecret } from '../core/find-credential.ts';

/** What one message asks reconcile to look at. */
export interface Wanted {
  readonly detail: { readonly credential?: string };
}

/**
 * Three sorts of message come to reconcile: our own request, the clock's (all credentials), and Secrets
 * Manager's `Secret Label Updated`, our cross-check that a label moved as the ledger believes.
 *
 * @returns `undefined` for a secret that is none of ours
 */
export function whatToReconcile(inventory: Inventory, body: string): Wanted | undefined {
  const message = parseJson(body, 'MALFORMED_EVENT', 'the body of a message');
  const { source, detailType, detail } = parseBusDelivery(message);
  if (source === 'aws.events') return { detail: {} };
  if (source === 'aws.secretsmanager' && detailType === 'Secret Label Updated')
    return ofLabel(inventory, detail['name']);
  const event = eventOfDelivery(message);
  if (event.type === 'reconcile.due') return event;
  throw new LockstepError(
    'MALFORMED_EVENT',
    `reconcile was sent ${event.type}; look at the rules of the bus`,
  );
}

function ofLabel(inventory: Inventory, name: unknown): Wanted | undefined {
  if (typeof name !== 'string')
    throw new LockstepError('MALFORMED_EVENT', 'a label event that names no secret');
  try {
    return { detail: { credential: findCredentialOfSecret(inventory, name).name } };
  } catch (error) {
    if (isLockstepError(error, 'UNKNOWN_CREDENTIAL')) return undefined;
    throw error;
  }
}
