import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { fit, listOf, anyRecord, parseJson, record, text } from '../contracts/check.ts';
import type { Issuer } from '../core/access/access-inventory.ts';
import { LockstepError } from '../core/errors.ts';
import type { OutboundGet } from '../outbound/get.ts';

/** The keys of an issuer: answers with the one that a token's header means. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** More than any issuer publishes. */
const MOST_KEYS = 100;

const discovery = record<{ readonly issuer: string; readonly jwks_uri: string }>({
  issuer: text,
  jwks_uri: text,
});
const keySet = record({ keys: listOf(anyRecord) });

/**
 * Reads the keys that an issuer publishes now: at the address of the inventory, or at the one that its own discovery
 * document names (OpenID Connect Discovery 1.0 §4), which has to be about exactly this issuer.
 *
 * Its hosts may be inside this network because the inventory names them; a host that only the document names may not.
 * Throws `ISSUER_UNREACHABLE`, whatever is wrong: it tells the asker nothing of this network.
 */
export async function readKeys(get: OutboundGet, issuer: Issuer): Promise<KeySet> {
  const hosts = [issuer.issuer, issuer.jwksUrl].flatMap((url) =>
    url !== undefined && URL.canParse(url) ? [new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')] : [],
  );
  const read = async (url: string): Promise<unknown> => {
    const document = await get({ url, allowHosts: hosts });
    if (document.outcome === 'answered' && document.status === 200)
      return parseJson(document.body, 'ISSUER_UNREACHABLE', `a document of issuer ${issuer.name}`);
    throw unreachable(issuer, document.outcome === 'answered' ? `status ${document.status}` : document.why);
  };
  const found = fit(
    keySet,
    await read(issuer.jwksUrl ?? (await keysUrl(issuer, read))),
    'ISSUER_UNREACHABLE',
    'its keys',
  );
  if (found.keys.length > MOST_KEYS) throw unreachable(issuer, `more than ${MOST_KEYS} keys`);
  try {
    return createLocalJWKSet(found as unknown as JSONWebKeySet);
  } catch {
    throw unreachable(issuer, 'what it publishes as its keys is no key set');
  }
}

async function keysUrl(issuer: Issuer, read: (url: string) => Promise<unknown>): Promise<string> {
  // Appended to the issuer's path, whose last slash goes (§4).
  const url = `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = fit(discovery, await read(url), 'ISSUER_UNREACHABLE', 'its discovery document');
  // Somebody else's document, relayed, would let that one's keys speak for this issuer.
  if (document.issuer === issuer.issuer) return document.jwks_uri;
  throw unreachable(issuer, 'its discovery document is about another issuer');
}

const unreachable = ({ name }: Issuer, why: string): LockstepError =>
  new LockstepError('ISSUER_UNREACHABLE', `the keys of issuer ${name} could not be read: ${why}`);
