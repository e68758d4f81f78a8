import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { networkFailure, type NetworkFailure } from './network-failure.ts';
import { refusalOf } from './permitted-address.ts';

/** One address of a host. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address that a host name has now. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/** A place that a request may go to, by these addresses and no others. */
export interface CheckedPlace {
  readonly url: URL;
  readonly addresses: readonly ResolvedAddress[];
}

/** Why nothing was sent, or no answer came. */
export type NotAnswered =
  /** We would not send it there. */
  | { readonly outcome: 'forbidden'; readonly why: string }
  /** Whether the message arrived is unknown. `code` is an error code, never a text. */
  | { readonly outcome: 'failed'; readonly why: NetworkFailure; readonly code: string };

/** A network error as an answer. */
export function failedBy(error: unknown): NotAnswered {
  const { kind, code } = networkFailure(error);
  return { outcome: 'failed', why: kind, code };
}

/** Resolves a host once and judges each of its addresses. `resolve` is the system's resolver where absent. */
export async function checkedPlace(
  { resolve = allAddresses }: { readonly resolve?: Resolve },
  { url: text, allowHosts }: { readonly url: string; readonly allowHosts: readonly string[] },
): Promise<CheckedPlace | NotAnswered> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { outcome: 'forbidden', why: 'its address is not an http or https URL' };
  if (url.username !== '' || url.password !== '')
    return { outcome: 'forbidden', why: 'its address carries a login' };
  const { protocol } = url;
  // WHATWG keeps the brackets of an IPv6 address, and has put every other spelling of an IPv4 address right.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  try {
    const literal = isIP(host);
    const addresses = literal === 0 ? await resolve(host) : [{ address: host, family: literal }];
    if (addresses.length === 0) return { outcome: 'failed', why: 'dns', code: 'ENODATA' };
    // One bad address spoils the answer: which of several a socket would take is not ours to bet on.
    const refusal = addresses
      .map(({ address }) => refusalOf({ protocol, host, address, allowHosts }))
      .find((why) => why !== undefined);
    return refusal === undefined ? { url, addresses } : { outcome: 'forbidden', why: refusal };
  } catch (error) {
    return { outcome: 'failed', why: 'dns', code: networkFailure(error).code };
  }
}

/** The resolver of the system. */
export const allAddresses: Resolve = (host) => systemLookup(host, { all: true, verbatim: true });

/** Answers every look-up of a socket with what was judged. */
export const pinnedTo =
  (addresses: readonly ResolvedAddress[]): LookupFunction =>
  (_host, options, callback) => {
    const [first = { address: '', family: 0 }] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };

/** A deadline for everything together, the look-up included. */
export function deadlineOf(milliseconds: number): {
  readonly passed: Promise<NotAnswered>;
  cancel(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<NotAnswered>((settle) => {
    timer = setTimeout(() => settle({ outcome: 'failed', why: 'timeout', code: 'ETIMEDOUT' }), milliseconds);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
