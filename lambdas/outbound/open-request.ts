import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pinnedTo, type CheckedPlace } from './checked-place.ts';

/** Longer heads than this are none of an answer's. */
const HEADER_BYTES = 16_384;

/** One request, and whom it trusts. */
interface RequestOrder {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Authorities besides the system's, in PEM. */
  readonly ca: string | undefined;
}

/**
 * Begins a request to a place that was checked: its socket goes to the addresses that were judged and to no others, no
 * connection is shared or kept, and certificates are always checked. Throws for a header that Node refuses.
 */
export const openRequest = (
  { url, addresses }: CheckedPlace,
  { method, headers, ca }: RequestOrder,
): ClientRequest =>
  (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method,
    agent: false,
    lookup: pinnedTo(addresses),
    maxHeaderSize: HEADER_BYTES,
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    headers,
  });
