import type { LocalSubject, LocalWorld } from '../../lambdas/contracts/inventory/index.ts';

/** Where the parts of the embedded world are. */
export interface LocalPlaces {
  readonly postgres: { readonly host: string; readonly port: number };
  readonly openaiApiUrl: string;
  /** The project that the double of OpenAI has. */
  readonly openaiProject: string;
  /** A service's port on loopback. */
  readonly servicePort: (name: string) => number | undefined;
  /** Who signs tokens here, as an issuer of the inventory is called. Absent where nobody does. */
  readonly issuer?: (name: string) => { readonly issuer: string; readonly jwksUrl: string } | undefined;
}

/** Kinds of leases whose targets this world has. */
export const LOCAL_LEASE_KINDS = ['postgres', 'openai'] as const;
export type LocalLeaseKind = (typeof LOCAL_LEASE_KINDS)[number];

/**
 * What the embedded world gives by name, field by field. A kind that it has nothing for is refused by the
 * inventory: nothing written in the file is used in its place.
 */
export const localWorld = (places: LocalPlaces): LocalWorld => ({
  leaseKinds: LOCAL_LEASE_KINDS,
  field: (subject, field) => {
    if (subject.of === 'issuer') return issuerField(subject.name, places, field);
    switch (`${KINDS[subject.of]}${subject.kind}.${field}`) {
      case 'postgres-authority.endpoint':
      case 'lease-authority:postgres.endpoint':
        return places.postgres;
      case 'openai-authority.apiUrl':
      case 'lease-authority:openai.apiUrl':
        return places.openaiApiUrl;
      case 'openai.project':
      case 'lease:openai.project':
        return places.openaiProject;
      case 'egress:openai.place':
        return placeOf(places.openaiApiUrl);
      case 'webhook.url':
        return serviceUrl(subject, places);
      // Services of this world are on loopback; no other private address is allowed here either.
      case 'webhook.allowHosts':
        return ['127.0.0.1'];
      default:
        return undefined;
    }
  },
});

/** Kinds of leases are called like kinds of credentials. */
const KINDS = {
  credential: '',
  dependent: '',
  'lease-authority': 'lease-authority:',
  lease: 'lease:',
  egress: 'egress:',
} as const;

/** Tokens for one issuer of the inventory are good for no other: each has an audience of its own. */
function issuerField(name: string, { issuer }: LocalPlaces, field: string): string | undefined {
  const found = issuer?.(name);
  if (!found) return undefined;
  return { issuer: found.issuer, jwksUrl: found.jwksUrl, audience: `lockstep-${name}` }[field];
}

/** A lease is used by the name of the machine: an egress rule takes no address. */
const placeOf = (url: string) => ({ host: 'localhost', port: Number(new URL(url).port) });

function serviceUrl(subject: LocalSubject, { servicePort }: LocalPlaces): string | undefined {
  const port = subject.of === 'dependent' ? servicePort(subject.dependent) : undefined;
  return port === undefined ? undefined : `http://127.0.0.1:${port}/lockstep`;
}
