import type { Secret } from '../../lambdas/core/secret.ts';

/** The parts of a stored value that are secret: a password, a key; not names, hosts and ids. */
function secretParts(value: Secret): readonly string[] {
  const fields = JSON.parse(value.reveal()) as Readonly<Record<string, unknown>>;
  const secret = ['password', 'apiKey', 'adminKey', 'secret'].map((name) => fields[name]);
  return secret.filter((part): part is string => typeof part === 'string');
}

/** Every form in which a value might lie about: raw, base64 (at any offset), hex, URL- and JSON-escaped. */
export function formsOf(value: Secret): readonly string[] {
  return secretParts(value).flatMap((part) => {
    const bytes = Buffer.from(part);
    return [
      part,
      // "whsec_" is a prefix; what follows is the secret, and is base64 already.
      ...(part.startsWith('whsec_')
        ? [part.slice(6), Buffer.from(part.slice(6), 'base64').toString('hex')]
        : []),
      ...[0, 1, 2].map((offset) => base64Core(bytes, offset)),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      encodeURIComponent(part),
      JSON.stringify(part).slice(1, -1),
    ];
  });
}

/** The characters that are the same wherever the bytes begin within a group of three. */
function base64Core(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return shifted.slice(offset === 0 ? 0 : 4, -4);
}
