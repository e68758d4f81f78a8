import { LockstepError } from '../../core/errors.ts';
import type { Leaser } from '../../core/ports/leaser.ts';
import { federatedCapabilities } from './capabilities.ts';
import { exchangeToken, type FederatedPorts } from './exchange-token.ts';

/**
 * Tokens of other services, each given for the holder's own. There is no authority: the service trusts the issuer of the
 * holder's token, for subjects that its own rules name. What a lease adds is the inventory, the policy, the limits and the
 * audit; what it cannot do is end a token (docs/leases-of-services.md).
 */
export function federatedLeaser(ports: FederatedPorts): Leaser {
  return {
    capabilities: federatedCapabilities,
    checkAuthority: ({ name }) => {
      throw noAuthority(name);
    },
    proveAuthority: async ({ name }) => {
      throw noAuthority(name);
    },
    issue: async (request, holder, times) => exchangeToken(ports, request, holder, times),
    renew: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be renewed: a token ends at its time; ask for a new lease');
    },
    end: async () => undefined,
    isRefused: async () => 'unknown',
    listOurs: async ({ leasable }) => {
      throw notSupported(leasable.name, 'cannot be listed: no service says which tokens there are');
    },
  };
}

const notSupported = (leasable: string, what: string): LockstepError =>
  new LockstepError('NOT_SUPPORTED', `leases of ${leasable} (federated) ${what}`);

const noAuthority = (name: string): LockstepError =>
  new LockstepError(
    'NOT_SUPPORTED',
    `${name}: tokens are exchanged by the holder's own; no authority is stored for them`,
  );
