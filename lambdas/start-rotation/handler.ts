import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId, systemPause } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveQueue } from '../shell/serve.ts';
import { wireAppender, wireBus, wireLedger, wireVault } from '../shell/wiring.ts';
import { startRotation } from './start-rotation.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['start-rotation']);
const shell = openShell(env);
const stores = {
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
};
const ports = {
  ...stores,
  vault: wireVault(),
  bus: wireBus(env),
  clock: systemClock,
  newId: systemNewId,
  functionName: env.LOCKSTEP_FUNCTION,
  metrics: shell.metrics,
  sleep: systemPause,
  vaultWritesPerSecond: env.VAULT_WRITES_PER_SECOND,
};

export const handler = serveQueue(shell, env, ['rotation.requested'], (event) => startRotation(ports, event));
