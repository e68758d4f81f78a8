/** A process of the bench: an HTTPS server on loopback, as fast as Node makes one. Says where it is, and ends with its parent. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../test/outbound/self-signed.ts';

const SMALL = Buffer.from('{"object":"list","data":[]}');
const LARGE = Buffer.alloc(1024 * 1024, 'a');

const { cert, key } = selfSigned('localhost');
const server = createServer({ cert, key, keepAliveTimeout: 120_000 }, (request, response) => {
  request.resume().on('end', () => {
    const body = request.url === '/large' ? LARGE : SMALL;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port, ca: cert });
