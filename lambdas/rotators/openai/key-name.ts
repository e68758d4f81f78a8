/** The beginning of every name that Lockstep gives for one credential; no other credential's begins so. */
export const namePrefix = (environment: string, credential: string): string =>
  `lockstep/${environment}/${credential}/`;

/**
 * The name of what is minted for a token. It is how a key whose answer was lost is found again: the provider
 * knows no idempotency key for minting.
 */
export const keyName = (environment: string, credential: string, token: string): string =>
  `${namePrefix(environment, credential)}${token}`;

/** The token in a name; `undefined` where the name is not ours, or not of this credential. */
export function tokenIn(name: string, prefix: string): string | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const token = name.slice(prefix.length);
  return /^[A-Za-z0-9-]{1,64}$/.test(token) ? token : undefined;
}
