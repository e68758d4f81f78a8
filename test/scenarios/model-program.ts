/**
 * A program that has no key: asks the model that `MODEL_URL` names through the proxy of its environment, again and again
 * until it is told to stop, and prints how often that worked and how often it did not.
 */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

const { env } = process;
const model = new URL(env['MODEL_URL'] ?? '');
const proxy = new URL(env['HTTP_PROXY'] ?? '');
const login = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
const body = JSON.stringify({ model: 'gpt-double', messages: [{ role: 'user', content: 'Who knows?' }] });

const told = new AbortController();
process.on('SIGTERM', () => told.abort());
const count = { served: 0, failed: 0 };
while (!told.signal.aborted) {
  const call = request({
    host: proxy.hostname,
    port: proxy.port,
    method: 'POST',
    path: model.href,
    headers: {
      host: model.host,
      authorization: 'Bearer placeholder',
      'content-type': 'application/json',
      'proxy-authorization': `Basic ${login}`,
    },
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  count[response.statusCode === 200 ? 'served' : 'failed'] += 1;
  process.stdout.write(`${JSON.stringify(count)}\n`);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
