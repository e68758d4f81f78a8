import type { Dependent } from '../../core/credential.ts';
import { LockstepError } from '../../core/errors.ts';
import type { Notice, Propagator, Told } from '../../core/ports/propagator.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { OutboundAnswer, OutboundPost } from '../../outbound/post.ts';
import { signedHeaders } from '../../outbound/signed-message.ts';
import { webhookDestination } from '../../outbound/webhook-destination.ts';
import { messageBody } from './message.ts';

/** What telling a webhook needs. */
export interface WebhookPorts {
  readonly post: OutboundPost;
  readonly clock: Clock;
  /**
   * The signing keys of a `random` credential, as `whsec_…`: the current one, then the other one of its two
   * while a receiver may know only that.
   */
  readonly signingKeys: (credential: string) => Promise<readonly Secret[]>;
}

/**
 * Tells a dependent by one signed POST, as Standard Webhooks says. One attempt: the caller tries again.
 *
 * A 2xx is `told`. 410, and an address that we would not call, are `DEPENDENT_REFUSED`: a person has to change
 * the inventory. Everything else, a redirect included, is `DEPENDENT_UNREACHABLE`. The body of an answer is
 * never seen.
 */
export const webhookPropagator = (ports: WebhookPorts): Propagator => ({
  async tell(dependent: Dependent, notice: Notice): Promise<Told> {
    const { url, signingKey, allowHosts = [] } = webhookDestination(dependent);
    const keys = await ports.signingKeys(signingKey);
    if (keys.length === 0) {
      throw new LockstepError(
        'NOT_ADOPTED',
        `dependent ${dependent.name} cannot be told: ${signingKey} has no key to sign with; run: lockstep adopt ${signingKey}`,
      );
    }
    const body = messageBody(notice);
    const headers = signedHeaders(keys, { id: notice.id, at: ports.clock(), body });
    return toldOf(dependent.name, await ports.post({ url, headers, body, allowHosts }));
  },
});

function toldOf(name: string, answer: OutboundAnswer): Told {
  switch (answer.outcome) {
    case 'answered':
      return toldByStatus(name, answer);
    case 'forbidden':
      throw new LockstepError(
        'DEPENDENT_REFUSED',
        `dependent ${name} was not told: ${answer.why}; correct its url, or name its host in allowHosts`,
      );
    case 'failed':
      throw new LockstepError(
        'DEPENDENT_UNREACHABLE',
        `dependent ${name} gave no answer: ${answer.why} (${answer.code}); it will be told again`,
      );
  }
}

function toldByStatus(
  name: string,
  { status, retryAfterSeconds }: Extract<OutboundAnswer, { outcome: 'answered' }>,
): Told {
  if (status >= 200 && status < 300) return 'told';
  if (status === 410) {
    throw new LockstepError(
      'DEPENDENT_REFUSED',
      `dependent ${name} answered 410 Gone: it wants no more messages; remove it from the inventory, or correct its url`,
    );
  }
  const redirect =
    status >= 300 && status < 400 ? ', a redirect, which is never followed; correct its url' : '';
  // Only these two statuses give the header the meaning of a wait (RFC 6585 §4, RFC 9110 §15.6.4).
  const wait = status === 429 || status === 503 ? retryAfterSeconds : undefined;
  throw new LockstepError(
    'DEPENDENT_UNREACHABLE',
    `dependent ${name} answered ${status}${redirect}; it will be told again`,
    wait === undefined ? {} : { retryAfterSeconds: wait },
  );
}
