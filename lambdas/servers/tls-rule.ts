import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { isLoopback, type ServerEndpoint } from '../contracts/targets/endpoint.ts';
import { LockstepError } from '../core/errors.ts';

/**
 * Whether a server is spoken to in plain text: on loopback without a declared CA, and nowhere else. There is no way to
 * switch TLS off, and a loopback host with a declared CA is held to it.
 */
export const isPlain = ({ host, ca }: ServerEndpoint): boolean => isLoopback(host) && ca === undefined;

/**
 * TLS as verify-full: the chain leads to the declared CA (absent, to the roots that Node trusts) and the certificate names
 * the host.
 *
 * @param proved called once the server has been found to be itself: from then on a failure is not about TLS
 */
export const tlsOptions = ({ ca }: ServerEndpoint, proved: () => void) =>
  ({
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    checkServerIdentity(name, certificate) {
      const mismatch = checkServerIdentity(name, certificate);
      if (!mismatch) proved();
      return mismatch;
    },
  }) as const satisfies ConnectionOptions;

/** True for an address that no network lies before. */
export const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && (isLoopback(address) || address.startsWith('::ffff:127.'));

/** `localhost` is a name like any other in a hosts file that somebody changed. */
export const leadsAway = (host: string): LockstepError =>
  new LockstepError(
    'TARGET_REFUSES_TLS',
    `${host} leads away from this machine, and nothing is sent over a network in plain text; correct the hosts file, or declare the real host`,
  );
