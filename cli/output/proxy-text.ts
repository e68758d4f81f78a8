import type { LeaseNews } from '../../client/access/lease-order.ts';
import type { ProxyNote } from '../../client/proxy/egress-proxy.ts';
import { plainText } from './plain-text.ts';

/** What became of a request, in a line. Outcomes that a person has to do something about say what. */
export function noteText({ pass = 'nobody', place = '', method, outcome, milliseconds }: ProxyNote): string {
  const what = plainText(`${pass}: ${method} ${place}`.trim());
  switch (outcome) {
    case 'CERTIFICATE_REFUSED':
      return `${what}: the client does not trust the certificate of the proxy. ${PINNING}`;
    case 'LEFT_AT_CERTIFICATE':
      return `${what}: the client saw the certificate of the proxy, and left without asking for anything. ${PINNING}`;
    default:
      return `${what}: ${outcome} (${milliseconds} ms)`;
  }
}

const PINNING =
  'Either it was started without the settings of the pass, which name the authority to trust, or it takes its own ' +
  'authorities from elsewhere, or it pins the certificate of its host. What pins cannot be used through the proxy: nobody ' +
  'can put a key into what is encrypted for somebody else. docs/proxy.md says how clients are told whom to trust';

/** Whether it is worth a line where nobody asked for all of them. */
export const isTrouble = ({ outcome }: ProxyNote): boolean => !/^(\d{3}|tunnelled)$/.test(outcome);

/** What became of a lease, in a line. */
export function newsText(news: LeaseNews): string {
  const { leasable } = news;
  switch (news.what) {
    case 'issued':
      return `lease ${news.lease} of ${leasable}`;
    case 'succeeded':
      return `lease ${news.lease} of ${leasable} is used from now on`;
    case 'renewed':
      return `lease ${news.lease} of ${leasable} is good until ${news.until}`;
    case 'waiting':
      return `a lease of ${leasable} waits for approval ${news.approval}, until ${news.until}`;
    case 'refused':
      return `${leasable} is not extended any more: ${plainText(news.why)}. It is used until it is over, and then refused`;
    case 'unreachable':
      return `${leasable} could not be extended: ${plainText(news.why)}. It is tried again`;
    case 'needs-token':
      return news.until === undefined
        ? `${leasable} is not leased yet: ${plainText(news.why)}. A new token is waited for`
        : `${leasable} could not be extended: ${plainText(news.why)}. A new token is waited for; the lease is good until ${news.until}`;
    case 'not-given-back':
      return `lease ${news.lease} of ${leasable} was not given back: ${plainText(news.why)}. It ends by itself at ${news.until}`;
  }
}
