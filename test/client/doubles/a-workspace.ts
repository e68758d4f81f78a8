import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { worldFolder } from '../../../embedded/world/world-folder.ts';
import type { BrokerDoor } from './a-broker-door.ts';

/** A folder as a runtime leaves it for a workload: where the broker is, and who the workload is. */
export function aWorkspace({ url, subject, identity }: BrokerDoor): {
  readonly folder: string;
  close(): Promise<void>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-client-'));
  const { runtime, service } = worldFolder(folder);
  mkdirSync(service(subject), { recursive: true, mode: 0o700 });
  writeFileSync(join(service(subject), 'identity.pem'), identity, { mode: 0o600 });
  writeFileSync(runtime, JSON.stringify({ endpoint: url }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return { folder, close: async () => rmSync(folder, { recursive: true, force: true }) };
}
