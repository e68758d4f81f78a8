import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenIssuer } from '../../fakes/token-issuer.ts';
import { AUDIENCES, type IssuerName } from './bed-identities.ts';

/** An issuer that is a host of the bed: signs tokens, and publishes its discovery document and its keys. */
export interface BedIssuer {
  readonly issuer: TokenIssuer;
  readonly host: string;
  /** Its HTTP server, behind the front that speaks TLS for its name. */
  readonly port: number;
  close(): Promise<void>;
}

/** Opens one. `url`: what its tokens say as `iss`, and where it is reached. */
export async function openIssuer(name: IssuerName, url: string): Promise<BedIssuer> {
  const issuer = await TokenIssuer.named(name, () => new Date(), {
    issuer: url,
    audience: AUDIENCES[name],
    algorithms: ['ES256'],
  });
  const server = createServer((incoming, outgoing) => {
    publish(issuer, `${url}${incoming.url ?? '/'}`, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    issuer,
    host: new URL(url).hostname,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function publish(issuer: TokenIssuer, url: string, outgoing: ServerResponse): Promise<void> {
  const document = await issuer.get({ url, allowHosts: [] });
  if (document.outcome !== 'answered') return void outgoing.destroy();
  outgoing.writeHead(document.status, { 'content-type': 'application/json' }).end(document.body);
}
