import type { Dependent } from '../../core/credential.ts';
import type { RotatorRequest } from '../../core/ports/rotator.ts';
import type { Secret } from '../../core/secret.ts';
import { instant, type Clock } from '../../core/time.ts';
import type { OutboundPost } from '../../outbound/post.ts';
import { signedHeaders } from '../../outbound/signed-message.ts';
import { webhookDestination } from '../../outbound/webhook-destination.ts';

/** What probing receivers needs. */
export interface ProbePorts {
  readonly post: OutboundPost;
  readonly clock: Clock;
  /** Makes an id that no receiver has seen: a known one may be answered from memory, without a verification. */
  readonly newId: () => string;
}

export type ProbeAnswer = 'refused' | 'accepted' | 'unknown';

/**
 * Asks every receiver of a key whether it still takes it, with a message that this key alone has signed and
 * that means nothing else (`lockstep.probe`). One that takes it is enough for `accepted`; only when all answer
 * 401 is it `refused`. No receiver, no answer, or any other status: `unknown`.
 */
export async function probeReceivers(
  ports: ProbePorts,
  { environment, credential }: RotatorRequest,
  version: string,
  key: Secret,
): Promise<ProbeAnswer> {
  const receivers = credential.dependents.filter(({ kind }) => kind === 'webhook');
  const answers = await Promise.all(
    receivers.map((receiver) =>
      probe(ports, receiver, { environment, credential: credential.name, version }, key),
    ),
  );
  if (answers.includes('accepted')) return 'accepted';
  return answers.length > 0 && answers.every((answer) => answer === 'refused') ? 'refused' : 'unknown';
}

async function probe(
  { post, clock, newId }: ProbePorts,
  receiver: Dependent,
  subject: { readonly environment: string; readonly credential: string; readonly version: string },
  key: Secret,
): Promise<ProbeAnswer> {
  const { url, allowHosts = [] } = webhookDestination(receiver);
  const at = clock();
  const data = { ...subject, dependent: receiver.name };
  const body = JSON.stringify({ type: 'lockstep.probe', timestamp: instant(at), data });
  const headers = signedHeaders([key], { id: `probe_${newId()}`, at, body });
  const answer = await post({ url, headers, body, allowHosts });
  if (answer.outcome !== 'answered') return 'unknown';
  if (answer.status === 401) return 'refused';
  return answer.status >= 200 && answer.status < 300 ? 'accepted' : 'unknown';
}
