import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createSecureContext, createServer, type SecureContext } from 'node:tls';
import { selfSigned } from '../../outbound/self-signed.ts';

/** Where a host's connections go behind the front: a port of loopback. */
export type Behind = (host: string) => number | undefined;

/** One port for every host of the bed that speaks TLS, each with a certificate of its own. */
export interface TlsFront {
  readonly port: number;
  /** The certificates of all hosts, in PEM: what a client has to trust. */
  readonly trust: string;
  /** The certificate of one of the hosts, in PEM. Throws for a host that is none. */
  readonly certificateOf: (host: string) => string;
  close(): Promise<void>;
}

/** Ends TLS for these hosts and passes the bytes on. */
export async function openTlsFront(hosts: readonly string[], behind: Behind): Promise<TlsFront> {
  const certificates = new Map(hosts.map((host) => [host, selfSigned(host)]));
  const contexts = new Map<string, SecureContext>();
  const contextOf = (host: string): SecureContext | undefined => {
    const certificate = certificates.get(host);
    if (!certificate) return undefined;
    const context = contexts.get(host) ?? createSecureContext(certificate);
    contexts.set(host, context);
    return context;
  };
  const server = createServer({
    SNICallback: (host, callback) => {
      const context = contextOf(host);
      if (context) callback(null, context);
      else callback(new Error(`no certificate for ${host}`));
    },
  });
  server.on('secureConnection', (secure) => {
    const port = behind(String(secure.servername));
    if (port === undefined) return void secure.destroy();
    const plain = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [secure, plain],
      [plain, secure],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    trust: [...certificates.values()].map(({ cert }) => cert).join(''),
    certificateOf: (host) => {
      const certificate = certificates.get(host);
      if (!certificate) throw new TypeError(`${host} is not behind this front`);
      return certificate.cert;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
