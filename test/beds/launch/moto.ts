import { join } from 'node:path';
import { startBed } from './bed-process.ts';
import { freePort } from './free-port.ts';
import { bedProgram } from './install-beds.ts';
import type { AddressedBed } from './ministack.ts';
import { runFolder, scratchFolder } from './run-folder.ts';

/** moto's server (https://pypi.org/project/moto/): a second opinion on labels, tables, queues and topics. It runs no function. */
export async function startMoto(): Promise<AddressedBed> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const bed = await startBed({
    name: 'moto',
    command: [bedProgram('moto_server'), '-H', '127.0.0.1', '-p', String(port)],
    port,
    environment: { TMPDIR: scratchFolder() },
    log: join(runFolder(), 'moto.log'),
    isReady: async (signal) => {
      const answer = await fetch(`${url}/moto-api/config`, {
        signal,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ lambda: { use_docker: false } }),
      });
      const { lambda } = (await answer.json()) as { readonly lambda?: { readonly use_docker?: boolean } };
      return lambda?.use_docker === false;
    },
  });
  return { bed, url };
}
