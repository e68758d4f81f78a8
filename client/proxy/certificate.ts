import { sign, type KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Extension,
  Extensions,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** What a certificate says. */
export interface CertificateOrder {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** Of the issuer. */
  readonly signingKey: KeyObject;
  /** 16 random bytes. */
  readonly serial: Uint8Array;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly { readonly id: string; readonly critical: boolean; readonly value: object }[];
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

/** A certificate (RFC 5280), signed with ECDSA and SHA-256, in PEM. */
export function certificate(order: CertificateOrder): string {
  const signature = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: buffer(positive(order.serial)),
    signature,
    issuer: named(order.issuer),
    subject: named(order.subject),
    validity: new Validity({ notBefore: order.from, notAfter: order.until }),
    subjectPublicKeyInfo: AsnConvert.parse(
      order.publicKey.export({ type: 'spki', format: 'der' }),
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions(
      order.extensions.map(
        ({ id, critical, value }) =>
          new Extension({
            extnID: id,
            critical,
            extnValue: new OctetString(AsnConvert.serialize(value)),
          }),
      ),
    ),
  });
  const signed = sign('sha256', new Uint8Array(AsnConvert.serialize(tbsCertificate)), order.signingKey);
  const whole = new Certificate({
    tbsCertificate,
    signatureAlgorithm: signature,
    signatureValue: buffer(signed),
  });
  return pem(Buffer.from(AsnConvert.serialize(whole)));
}

const named = (commonName: string): Name =>
  new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type: COMMON_NAME, value: new AttributeValue({ utf8String: commonName }) }),
    ]),
  ]);

/** A serial number is positive, and not zero (RFC 5280 §4.1.2.2). */
const positive = (bytes: Uint8Array): Uint8Array => Uint8Array.from([0x01, ...bytes.subarray(1)]);

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
