import type { RotatorRequest } from '../../core/ports/rotator.ts';

/**
 * The beginning of every name that this deployment gives for one credential; no other credential's begins so, nor any of
 * another deployment's, whose environment may have the same name.
 */
export const namePrefix = ({
  mark,
  environment,
  credential,
}: Pick<RotatorRequest, 'mark' | 'environment' | 'credential'>): string =>
  `lockstep/${mark}/${environment}/${credential.name}/`;

/**
 * The name of what is minted for a token. It is how a key whose answer was lost is found again: the provider
 * knows no idempotency key for minting.
 */
export const keyName = (request: Parameters<typeof namePrefix>[0] & { readonly token: string }): string =>
  `${namePrefix(request)}${request.token}`;

/** The token in a name; `undefined` where the name is not ours, or not of this credential. */
export function tokenIn(name: string, prefix: string): string | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const token = name.slice(prefix.length);
  return /^[A-Za-z0-9-]{1,64}$/.test(token) ? token : undefined;
}
