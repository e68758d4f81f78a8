import type { LocalSubject, LocalWorld } from '../../lambdas/contracts/inventory/index.ts';

/** Where the parts of the embedded world are. */
export interface LocalPlaces {
  readonly postgres: { readonly host: string; readonly port: number };
  readonly openaiApiUrl: string;
  /** The project that the double of OpenAI has. */
  readonly openaiProject: string;
  /** A service's port on loopback. */
  readonly servicePort: (name: string) => number | undefined;
}

/**
 * What the embedded world gives by name, field by field. A kind that it has nothing for is refused by the
 * inventory: nothing written in the file is used in its place.
 */
export const localWorld = (places: LocalPlaces): LocalWorld => ({
  field: (subject, field) => {
    switch (`${subject.kind}.${field}`) {
      case 'postgres-authority.endpoint':
        return places.postgres;
      case 'openai-authority.apiUrl':
        return places.openaiApiUrl;
      case 'openai.project':
        return places.openaiProject;
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

function serviceUrl(subject: LocalSubject, { servicePort }: LocalPlaces): string | undefined {
  const port = subject.of === 'dependent' ? servicePort(subject.dependent) : undefined;
  return port === undefined ? undefined : `http://127.0.0.1:${port}/lockstep`;
}
