import { answer } from '../../../embedded/openai-double/api.ts';
import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { instant, secondsAfter } from '../../../lambdas/core/time.ts';
import { adminKeyValue } from '../../../lambdas/leasers/openai/value.ts';
import { openaiLeaser } from '../../../lambdas/leasers/openai/leaser.ts';
import { API_URL, aWorld, FIRST_ADMIN, PROJECT, type World } from '../../rotators/openai/a-world.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../a-leasable.ts';
import { MARK } from '../../fakes/marks.ts';

/** The leaser on the double of OpenAI, without sockets, in a time that only sleeping lets pass. */
export interface LeaseWorld extends World {
  readonly leaser: ReturnType<typeof openaiLeaser>;
  readonly declared: ReturnType<typeof leaseAuthorityOf>;
  readonly value: Secret;
  readonly request: World['request'];
  lease(leaseId?: string, fence?: number, leasable?: ReturnType<typeof leasableOf>): LeaserRequest;
  times(ttlSeconds?: number): { readonly expiresAt: string; readonly notAfter: string };
  /** As a holder uses it: without any code of the leaser. */
  use(value: Secret, path?: string): number;
  /** Names of the service accounts that are there now. */
  names(): readonly string[];
}

export const HOLDER = { holder: 'workload:research-agent', purpose: 'answer-questions' };

export const leasable = (target: Readonly<Record<string, unknown>> = {}, name = 'model-calls') =>
  leasableOf('openai', { project: PROJECT, ...target }, { authority: 'lease-admin', name });

export function aLeaseWorld(pageLimits: Parameters<typeof aWorld>[0] = {}): LeaseWorld {
  const world = aWorld({ liveKeysPerProject: 500, ...pageLimits });
  const { fetch, clock, sleep, faults, organization } = world;
  const declared = leaseAuthorityOf('openai', { apiUrl: API_URL });
  const value = adminKeyValue(new Secret(FIRST_ADMIN.value));
  return Object.assign(world, {
    leaser: openaiLeaser({ fetch, clock, sleep }),
    declared,
    value,
    lease: (leaseId = newLeaseId(), fence = 1, of = leasable()): LeaserRequest => ({
      environment: 'test',
      mark: MARK,
      leasable: of,
      authority: { declared, value },
      leaseId,
      fence,
    }),
    times: (ttlSeconds = 900) => ({
      expiresAt: secondsAfter(instant(clock()), ttlSeconds),
      notAfter: secondsAfter(instant(clock()), 60),
    }),
    use: (held: Secret, path = 'GET /models') => {
      const { apiKey } = JSON.parse(held.reveal()) as { readonly apiKey: string };
      const [method = '', target = ''] = path.split(' ');
      const body = JSON.stringify({ model: 'gpt-double', messages: [{ role: 'user', content: 'hello' }] });
      return answer(
        { organization, faults, clock },
        {
          method,
          target: `/v1${target}`,
          authorization: `Bearer ${apiKey}`,
          contentType: 'application/json',
          body: method === 'POST' ? body : '',
        },
      ).status;
    },
    names: () =>
      organization
        .accounts(PROJECT)
        .filter(({ deletedAtMs }) => deletedAtMs === null)
        .map(({ name }) => name),
  });
}
