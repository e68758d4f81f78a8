import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_nameConstraints, NameConstraints } from '@peculiar/asn1-x509';
import { describe, expect, it } from 'vitest';
import { ask, connectThrough, loginOf, through } from '../doubles/a-client.ts';
import { aSetting, closing, type Setting } from '../doubles/closing.ts';

const keep = closing();

/** A way through to TLS, for a client that then judges the certificate by itself. */
async function wayThrough({ proxy, granted, target }: Setting) {
  const { socket } = await connectThrough(proxy, `${target.host}:${target.port}`, {
    'proxy-authorization': loginOf(granted),
  });
  return socket;
}

/** How a client of TLS 1.2 begins. */
async function clientHello(servername: string): Promise<Buffer> {
  const [hello] = await new Promise<Buffer[]>((resolve) => {
    const nobody = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        resolve([chunk]);
        done();
      },
    });
    connectTls({ socket: nobody, servername, maxVersion: 'TLSv1.2' }).on('error', () => undefined);
  });
  return hello ?? Buffer.alloc(0);
}

describe('the authority of a pass', () => {
  it('is made for the pass, speaks for its hosts alone, and for no address', async () => {
    const { proxy, granted, target, ...world } = await aSetting(keep);
    const other = await world.pass('models');
    const [mine, theirs] = [granted, other].map(
      ({ authority }) => new X509Certificate(authority.certificate),
    );
    expect(mine?.ca).toBe(true);
    expect(mine?.fingerprint256).not.toBe(theirs?.fingerprint256);
    const tls = await through(proxy, granted, target);
    const shown = tls.getPeerX509Certificate();
    const isSignedBy = [mine, theirs].map((each) => each !== undefined && shown?.verify(each.publicKey));
    expect(isSignedBy).toEqual([true, false]);
    expect(shown?.subjectAltName).toBe(`DNS:${target.host}`);
    tls.destroy();
  });
});

describe('the certificate of the authority', () => {
  it('says itself for which hosts it is, to clients that trust it for everything', async () => {
    const { granted, target } = await aSetting(keep);
    const { raw } = new X509Certificate(granted.authority.certificate);
    const { extensions = [] } = AsnConvert.parse(raw, Certificate).tbsCertificate;
    const found = extensions.find(({ extnID }) => extnID === id_ce_nameConstraints);
    expect(found?.critical).toBe(true);
    const said = AsnConvert.parse(found?.extnValue.buffer ?? new ArrayBuffer(0), NameConstraints);
    expect(said.permittedSubtrees?.map(({ base }) => base.dNSName)).toEqual([target.host]);
    expect(said.excludedSubtrees?.map(({ base }) => base.iPAddress)).toEqual(['0.0.0.0/0', '::/0']);
  });
});

describe('a client that does not take the certificate', () => {
  it.each([
    ['does not trust who signed it', { ca: [...rootCertificates] }],
    [
      'wants the very certificate of the target (pinning)',
      { checkServerIdentity: () => new Error('another certificate was expected') },
    ],
  ])('is told of, and nothing is sent on: it %s', async (_what, judges) => {
    const setting = await aSetting(keep);
    const { granted, notes, target } = setting;
    const tls = connectTls({
      socket: await wayThrough(setting),
      servername: target.host,
      ca: granted.authority.certificate,
      ...judges,
    });
    await once(tls, 'error');
    await expect
      .poll(() => notes)
      .toEqual([
        expect.objectContaining({
          pass: granted.name,
          place: `${target.host}:${target.port}`,
          outcome: expect.stringMatching(/^(CERTIFICATE_REFUSED|LEFT_AT_CERTIFICATE)$/),
        }),
      ]);
    expect(target.connections()).toBe(0);
  });

  it.each([
    ['unknown_ca', 48],
    ['bad_certificate', 42],
    ['certificate_unknown', 46],
  ])('and says so in the handshake (%s) is told of by that name', async (_what, alert) => {
    const setting = await aSetting(keep);
    const socket = await wayThrough(setting);
    socket.write(await clientHello(setting.target.host));
    await once(socket, 'data');
    // A fatal alert (RFC 8446 §6), as clients send one that judge in the middle of the handshake.
    socket.write(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, alert]));
    await expect.poll(() => setting.notes.map(({ outcome }) => outcome)).toEqual(['CERTIFICATE_REFUSED']);
    expect(setting.target.connections()).toBe(0);
  });

  it('is not one that asked for something and then left', async () => {
    const { proxy, granted, target, notes } = await aSetting(keep);
    expect((await ask(proxy, granted, target)).status).toBe(200);
    await new Promise((resolve) => setImmediate(resolve));
    expect(notes.map(({ outcome }) => outcome)).toEqual(['200']);
  });
});
