import type { Clock } from '../../lambdas/core/time.ts';
import { exchange } from './exchange.ts';
import type { Forwarding } from './forwarding.ts';
import { refusedByRules } from './refused-by-rules.ts';
import { examineHead } from './request-head.ts';
import { SentBody } from './sent-body.ts';

/**
 * Sends a request on, with the leased credential in it, and the answer back. Nothing is followed, nothing is kept.
 *
 * A request whose body is still here is sent once more where the target refused the credential and the lease has a
 * successor by then; and, if it changes nothing the second time, where a connection that had waited was closed before
 * an answer.
 *
 * Answers with the id of the lease that was used. Throws, before anything of an answer was sent: `MALFORMED_REQUEST`,
 * `NOT_SUPPORTED`, `EGRESS_REFUSED`, `LEASE_OVER`, `VALUE_MALFORMED`, `TARGET_UNREACHABLE`, `TARGET_REFUSES_TLS`.
 */
export async function forward(forwarding: Forwarding, clock: Clock): Promise<string> {
  const { pass, authority, request, target } = forwarding;
  const head = examineHead(request, authority, target);
  const held = pass.leaseFor(authority);
  if (!held) throw refusedByRules(authority);
  const body = new SentBody(request, head.body === 0);
  const looked = { ...forwarding, head, body, held, spent: new Set<'successor' | 'connection'>() };
  for (;;) {
    const used = await held.use(async (lease) =>
      (await exchange(looked, lease, clock)) ? lease.id : undefined,
    );
    if (used !== undefined) return used;
  }
}
