/** Where the runtime's endpoint is, for a port. */
export const endpointUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** How an issuer of the embedded world is called, and where its keys are. */
export interface IssuerPlace {
  readonly issuer: string;
  readonly jwksUrl: string;
}

const PREFIX = '/issuers/';

/** The place of an issuer of the inventory, below the runtime's endpoint. */
export function issuerPlace(endpoint: string, name: string): IssuerPlace {
  const issuer = `${endpoint}${PREFIX}${name}`;
  return { issuer, jwksUrl: `${issuer}/keys` };
}

/** What a path of the endpoint asks an issuer for; `undefined` for a path that is none of theirs. */
export function askedOfIssuer(
  path: string,
): { readonly name: string; readonly document: 'discovery' | 'keys' } | undefined {
  const [, name, rest] = /^\/issuers\/([a-z0-9][a-z0-9-]{0,63})\/(.+)$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (rest === 'keys') return { name, document: 'keys' };
  return rest === '.well-known/openid-configuration' ? { name, document: 'discovery' } : undefined;
}
