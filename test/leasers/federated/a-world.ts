import type { LeaserRequest } from '../../../lambdas/core/ports/leaser.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { federatedLeaser } from '../../../lambdas/leasers/federated/leaser.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { leasableOf, newLeaseId } from '../a-leasable.ts';
import { inMinutes } from '../in-minutes.ts';
import { exchangeDouble } from './exchange-double.ts';
import { AUDIENCE, holderTokenOf, ISSUER } from './issuer-double.ts';
import { KNOWN } from './service-forms.ts';
import { MARK } from '../../fakes/marks.ts';

const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** One exchange with each service. */
export const EXCHANGES = {
  google: {
    service: 'google',
    provider: KNOWN.provider,
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
  },
  'google, as a service account': {
    service: 'google',
    provider: KNOWN.provider,
    scopes: ['https://www.googleapis.com/auth/devstorage.read_only'],
    serviceAccount: KNOWN.googleAccount,
  },
  entra: {
    service: 'entra',
    tenant: KNOWN.tenant,
    client: KNOWN.client,
    scope: 'https://vault.azure.net/.default',
  },
  anthropic: {
    service: 'anthropic',
    rule: KNOWN.rule,
    organization: KNOWN.organization,
    serviceAccount: KNOWN.serviceAccount,
  },
  openai: {
    service: 'openai',
    identityProvider: KNOWN.identityProvider,
    serviceAccount: KNOWN.openaiAccount,
  },
  rfc8693: { service: 'rfc8693', tokenUrl: KNOWN.tokenUrl, tokenType: JWT, scopes: ['vectors.read'] },
} as const;

type Exchange = Readonly<Record<string, unknown>>;

export const aTokenToExchange = (exchange: Exchange = EXCHANGES.rfc8693, more: Exchange = {}) =>
  leasableOf('federated', { issuer: ISSUER, audience: AUDIENCE, exchange, ...more }, { name: 'vectors' });

/** The leaser on doubles of the services, without sockets. */
export function aFederatedWorld() {
  const clock = new FakeClock();
  const services = exchangeDouble(clock.now);
  const leaser = federatedLeaser({ fetch: services.fetch, clock: clock.now });
  const request = (exchange?: Exchange, more?: Exchange): LeaserRequest => ({
    environment: 'test',
    mark: MARK,
    leasable: aTokenToExchange(exchange, more),
    leaseId: newLeaseId(),
    fence: 1,
  });
  return {
    clock,
    services,
    leaser,
    request,
    issue: async (of: LeaserRequest = request(), proof?: Secret, minutes = 5) =>
      leaser.issue(
        of,
        {
          holder: 'workload:research-agent',
          purpose: 'answer-questions',
          proof: proof ?? (await holderTokenOf(clock.now)),
        },
        inMinutes(clock.now, minutes),
      ),
    /** As a holder does: with nothing but the value. */
    accepts: (value: Secret): boolean => {
      const { accessToken } = JSON.parse(value.reveal()) as { readonly accessToken: string };
      return services.accepts(accessToken);
    },
    cleanUp: async () => {
      if (services.violations.length > 0) throw new Error(services.violations.join('\n'));
    },
  };
}
