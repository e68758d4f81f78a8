import type { EgressRule } from '../../lambdas/core/access/access-inventory.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { LeaseInUse } from '../access/held-lease.ts';
import type { Carrying, Puttable } from './carrying.ts';
import { plainName } from './header-list.ts';
import { putSigV4 } from './put-sigv4.ts';
import { fieldOf } from './value-fields.ts';

/** Puts the leased credential into a request, in place of whatever the client put there. */
export function putCredential(
  put: EgressRule['put'],
  lease: LeaseInUse,
  request: Puttable,
  now: Date,
): Carrying {
  switch (put.into) {
    case 'header':
      return inHeader(request, put.name, put.prefix, fieldOf(lease, put.field));
    case 'basic': {
      const secret = fieldOf(lease, put.field);
      const login = new Secret(Buffer.from(`${put.user}:${secret.reveal()}`).toString('base64'));
      const carrying = inHeader(request, 'authorization', 'Basic ', login);
      return { ...carrying, secrets: [login, secret] };
    }
    case 'query':
      return inQuery(request, put.name, fieldOf(lease, put.field));
    case 'sigv4':
      return putSigV4(put, lease, request, now);
  }
}

function inHeader(
  { path, query, headers }: Puttable,
  name: string,
  prefix: string,
  secret: Secret,
): Carrying {
  const others = headers.filter(([each]) => plainName(each) !== plainName(name));
  return { path, query, headers: [...others, [name, `${prefix}${secret.reveal()}`]], secrets: [secret] };
}

function inQuery({ path, query, headers }: Puttable, name: string, secret: Secret): Carrying {
  const others = query
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '' && nameOf(pair) !== name.toLowerCase());
  const own = `${encodeURIComponent(name)}=${encodeURIComponent(secret.reveal())}`;
  const encoded = new Secret(encodeURIComponent(secret.reveal()));
  return { path, query: `?${[...others, own].join('&')}`, headers, secrets: [secret, encoded] };
}

/** The name of a pair as servers read it: `%6bey` is `key`. Case makes no difference, since to some it makes none. */
function nameOf(pair: string): string {
  const written = pair.split('=', 1)[0] ?? '';
  try {
    return decodeURIComponent(written.replaceAll('+', ' ')).toLowerCase();
  } catch {
    return written.toLowerCase();
  }
}
