import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import type { RandomBytes } from '../../lambdas/core/ports/ids.ts';
import type { Clock } from '../../lambdas/core/time.ts';
import { certificate, type CertificateOrder } from './certificate.ts';

/** What making one needs. */
export interface PassAuthorityPorts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

const HOUR_MS = 3_600_000;
/** Clients on this machine share its clock; this is for one that is set back a little. */
const BACKDATED_MS = HOUR_MS;
const AUTHORITY_MS = 30 * 24 * HOUR_MS;
const HOST_MS = 24 * HOUR_MS;
/** A certificate is made anew when so much of its time is left. */
const REMADE_MS = HOUR_MS;

/**
 * The certificate authority of one pass, for the hosts of its leases and no others: the names are constrained in its
 * certificate (RFC 5280 §4.2.1.10), so that whoever trusts it trusts it for those alone. Its private key is made here,
 * is written nowhere, and ends with the process.
 */
export class PassAuthority {
  /** Its certificate, in PEM: what clients have to trust. */
  readonly certificate: string;
  readonly #name: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #ports: PassAuthorityPorts;
  readonly #key: KeyObject;
  readonly #keyId: ArrayBuffer;
  readonly #contexts = new Map<string, { readonly context: SecureContext; readonly until: number }>();

  constructor(name: string, hosts: readonly string[], ports: PassAuthorityPorts) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = `lockstep proxy ${name}`;
    this.#hosts = new Set(hosts);
    this.#ports = ports;
    this.#key = privateKey;
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = Uint8Array.from(createHash('sha256').update(spki).digest().subarray(0, 20)).buffer;
    this.certificate = this.#sign(this.#name, publicKey, AUTHORITY_MS, [
      {
        id: id_ce_basicConstraints,
        critical: true,
        value: new BasicConstraints({ cA: true, pathLenConstraint: 0 }),
      },
      { id: id_ce_keyUsage, critical: true, value: new KeyUsage(KeyUsageFlags.keyCertSign) },
      { id: id_ce_subjectKeyIdentifier, critical: false, value: new SubjectKeyIdentifier(this.#keyId) },
      { id: id_ce_nameConstraints, critical: true, value: constrainedTo(hosts) },
    ]);
  }

  /** What a TLS server needs to be this host; `undefined` for a host that is not of this pass. */
  contextFor(host: string): SecureContext | undefined {
    if (!this.#hosts.has(host)) return undefined;
    const now = this.#ports.clock().getTime();
    const known = this.#contexts.get(host);
    if (known && known.until - now > REMADE_MS) return known.context;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const cert = this.#sign('lockstep proxied host', publicKey, HOST_MS, [
      { id: id_ce_basicConstraints, critical: true, value: new BasicConstraints({ cA: false }) },
      { id: id_ce_keyUsage, critical: true, value: new KeyUsage(KeyUsageFlags.digitalSignature) },
      { id: id_ce_extKeyUsage, critical: false, value: new ExtendedKeyUsage([id_kp_serverAuth]) },
      {
        id: id_ce_authorityKeyIdentifier,
        critical: false,
        value: new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(this.#keyId) }),
      },
      {
        id: id_ce_subjectAltName,
        critical: false,
        value: new SubjectAlternativeName([new GeneralName({ dNSName: host })]),
      },
    ]);
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
    this.#contexts.set(host, { context, until: now + HOST_MS });
    return context;
  }

  #sign(
    subject: string,
    publicKey: KeyObject,
    lifeMs: number,
    extensions: CertificateOrder['extensions'],
  ): string {
    const now = this.#ports.clock().getTime();
    return certificate({
      subject,
      issuer: this.#name,
      publicKey,
      signingKey: this.#key,
      serial: this.#ports.randomBytes(16),
      from: new Date(now - BACKDATED_MS),
      until: new Date(now + lifeMs),
      extensions,
    });
  }
}

/** These names, and no addresses at all. */
const constrainedTo = (hosts: readonly string[]): NameConstraints =>
  new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(hosts.map((dNSName) => subtree({ dNSName }))),
    excludedSubtrees: new GeneralSubtrees([
      subtree({ iPAddress: '0.0.0.0/0' }),
      subtree({ iPAddress: '::/0' }),
    ]),
  });

const subtree = (name: Partial<GeneralName>): GeneralSubtree =>
  new GeneralSubtree({ base: new GeneralName(name) });
