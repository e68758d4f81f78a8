import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { classOfAddress, type AddressClass } from '../../lambdas/outbound/address-class.ts';
import {
  allAddresses,
  pinnedTo,
  type Resolve,
  type ResolvedAddress,
} from '../../lambdas/outbound/checked-place.ts';
import { networkFailure } from '../../lambdas/outbound/network-failure.ts';
import type { Authority } from './authority.ts';
import { IN_HAND } from './tls-options.ts';

/** A place to connect to. */
export interface DialedPlace extends Authority {
  readonly network: EgressRule['network'];
  /** The authorities that its certificate is checked by, where they are not the system's. */
  readonly ca?: string;
}

/** What dialing needs. */
export interface DialPorts {
  /** The system's resolver where absent. */
  readonly resolve?: Resolve;
  /** @default 10000 */
  readonly connectMilliseconds?: number;
}

/** Where the addresses of a host may be. Infrastructure, which has the metadata services, is in none. */
const PERMITTED: { readonly [N in EgressRule['network']]: readonly AddressClass[] } = {
  public: ['public'],
  private: ['public', 'private'],
  loopback: ['loopback'],
};

/**
 * Opens a connection to a place. Its host is resolved once, every address is judged, and the socket goes to those
 * addresses alone: no second look-up could answer differently (DNS rebinding).
 *
 * Errors: `EGRESS_REFUSED` where an address is not of the network that was declared; `TARGET_UNREACHABLE`.
 */
export async function dial(place: DialedPlace, ports: DialPorts): Promise<Socket> {
  const limit = ports.connectMilliseconds ?? 10_000;
  const addresses = await permitted(place, ports.resolve ?? allAddresses);
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: place.host,
      port: place.port,
      lookup: pinnedTo(addresses),
      noDelay: true,
    });
    const patience = setTimeout(() => socket.destroy(timedOut()), limit);
    const fail = (error: Error): void => {
      clearTimeout(patience);
      reject(unreachable(place, error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(patience);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/**
 * The same, with TLS, whatever the environment says of certificates. HTTP/1.1 alone is offered.
 *
 * Errors: those of `dial`; `TARGET_REFUSES_TLS` where there is no session, or the certificate is not trusted.
 */
export async function dialTls(place: DialedPlace, ports: DialPorts): Promise<TLSSocket> {
  const socket = await dial(place, ports);
  const tls = connectTls({
    ...IN_HAND,
    socket,
    servername: place.host,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    rejectUnauthorized: true,
    ...(place.ca === undefined ? {} : { ca: place.ca }),
  });
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => tls.destroy(timedOut()), ports.connectMilliseconds ?? 10_000);
    const fail = (error: Error): void => {
      clearTimeout(patience);
      reject(unreachable(place, error));
    };
    tls.once('error', fail);
    tls.once('secureConnect', () => {
      clearTimeout(patience);
      tls.off('error', fail);
      resolve(tls);
    });
  });
}

async function permitted(
  { host, network }: DialedPlace,
  resolve: Resolve,
): Promise<readonly ResolvedAddress[]> {
  const addresses = await resolve(host).catch((error: unknown) => {
    throw new LockstepError(
      'TARGET_UNREACHABLE',
      `the name ${host} could not be resolved (${networkFailure(error).code})`,
    );
  });
  demandNetwork(host, network, addresses);
  return addresses;
}

/** Refuses addresses that are not of the declared network. Throws `EGRESS_REFUSED`, or `TARGET_UNREACHABLE` for none. */
export function demandNetwork(
  host: string,
  network: EgressRule['network'],
  addresses: readonly ResolvedAddress[],
): void {
  const classes = addresses.map(({ address }) => classOfAddress(address));
  // One bad address spoils the answer: which of several a socket would take is not ours to bet on.
  const bad = classes.find((each) => !PERMITTED[network].includes(each));
  if (bad !== undefined) throw notOfTheNetwork(host, network, bad);
  if (addresses.length === 0)
    throw new LockstepError('TARGET_UNREACHABLE', `the name ${host} has no address`);
}

const notOfTheNetwork = (host: string, network: string, found: AddressClass): LockstepError =>
  new LockstepError(
    'EGRESS_REFUSED',
    `an address of ${host} is ${found}, and the rule says ${network}; nothing was sent. A host inside a network of one's ` +
      'own has to be declared as one in the inventory; a metadata service is never let through',
  );

const timedOut = (): Error => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });

function unreachable({ host, port }: DialedPlace, error: unknown): LockstepError {
  const { kind, code } = networkFailure(error);
  return kind === 'tls'
    ? new LockstepError(
        'TARGET_REFUSES_TLS',
        `${host}:${port} showed no certificate that is trusted for it (${code}); nothing was sent`,
      )
    : new LockstepError('TARGET_UNREACHABLE', `${host}:${port} could not be connected to (${code})`);
}
