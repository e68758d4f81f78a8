/**
 * A program that goes by its environment, as a client of a proxy does: calls what `TARGET` names until it is told to
 * stop, and prints all that it knows and all that it was answered.
 */
import { readFileSync } from 'node:fs';
import { askOver, connectThrough, tlsInside } from './a-client.ts';

const { env } = process;
const [host = '', port = ''] = (env['TARGET'] ?? '').split(':');
const place = { host, port: Number(port) };
const proxy = new URL(env['HTTPS_PROXY'] ?? '');
const login = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
const ca = readFileSync(env['SSL_CERT_FILE'] ?? '', 'utf8');

process.stdout.write(`${JSON.stringify(env)}\n${ca.slice(0, 2_000)}\n`);
const asked = new AbortController();
process.on('SIGTERM', () => asked.abort());
do {
  const { socket } = await connectThrough({ port: Number(proxy.port) }, `${host}:${port}`, {
    'proxy-authorization': `Basic ${login}`,
  });
  const tls = await tlsInside(socket, { servername: host, ca });
  const { status, body, rawHeaders } = await askOver(tls, place, {
    headers: { authorization: 'Bearer placeholder' },
  });
  tls.destroy();
  process.stdout.write(`${status} ${body} ${rawHeaders.join(' ')}\n`);
  if (status !== 200) process.exit(9);
  await new Promise((resolve) => setTimeout(resolve, 20));
} while (!asked.signal.aborted);
process.exit(7);
