import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CrowdName } from '../../test/beds/deployed/bed-principals.ts';
import type { DeployedStage } from '../../test/beds/deployed/open-stage.ts';

/** Dependents that do the least: told of a change, each reads what is expected of it and proves it. */
export async function startCrowd({ doorOf, serve }: DeployedStage): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(204).end();
      const name = request.url?.split('/').at(-1) as CrowdName;
      const notice = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        readonly data: { readonly credential: string };
      };
      void prove(doorOf(name), notice.data.credential).catch(() => undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  serve('crowd', (server.address() as AddressInfo).port);
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function prove(door: ReturnType<DeployedStage['doorOf']>, credential: string): Promise<void> {
  for (const expected of await door.expected(credential))
    if (!expected.acknowledged)
      await door.acknowledge(credential, expected, await door.read(credential, expected.version));
}
