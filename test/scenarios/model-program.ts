/**
 * A program that has no key: asks the model that `MODEL_URL` names through the proxy of its environment, again and again
 * until it is told to stop, and prints how often that worked and how often it did not.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { requestThrough } from '../../embedded/services/proxy-door.ts';

const { env } = process;
const model = new URL(env['MODEL_URL'] ?? '');
const proxy = new URL(env[model.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'] ?? '');
const door = {
  port: Number(proxy.port),
  login: `${proxy.username}:${proxy.password}`,
  authority: readFileSync(env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8'),
};
const body = JSON.stringify({ model: 'gpt-double', messages: [{ role: 'user', content: 'Who knows?' }] });

const told = new AbortController();
process.on('SIGTERM', () => told.abort());
const count = { served: 0, failed: 0 };
while (!told.signal.aborted) {
  const call = await requestThrough(door, model, {
    method: 'POST',
    headers: { authorization: 'Bearer placeholder', 'content-type': 'application/json' },
    timeoutMs: 15_000,
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  count[response.statusCode === 200 ? 'served' : 'failed'] += 1;
  process.stdout.write(`${JSON.stringify(count)}\n`);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
