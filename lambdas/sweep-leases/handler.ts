import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { leaseCapabilities } from '../contracts/lease-capabilities.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveMessages } from '../shell/serve.ts';
import { wireAppender, wireLeaseFunctions, wireLedger } from '../shell/wiring.ts';
import { sweepLeases } from './sweep-leases.ts';
import { whatToSweep } from './what-to-sweep.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['sweep-leases']);
const shell = openShell(env);
const sweep = sweepLeases({
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
  metrics: shell.metrics,
  leases: wireLeaseFunctions(env),
  clock: systemClock,
  newId: systemNewId,
  capabilitiesOf: leaseCapabilities,
  functionName: env.LOCKSTEP_FUNCTION,
  onFailedEnd: (failed) => shell.log.warn('a lease did not end at its target', { ...failed }),
});

export const handler = serveMessages(shell, env, (body) => sweep(whatToSweep(body)));
