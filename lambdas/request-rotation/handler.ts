import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveQueue } from '../shell/serve.ts';
import { wireAppender, wireLedger } from '../shell/wiring.ts';
import { requestRotation } from './request-rotation.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['request-rotation']);
const shell = openShell(env);
const stores = {
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
};
const ports = { ...stores, metrics: shell.metrics, clock: systemClock, newId: systemNewId };

export const handler = serveQueue(shell, env, ['rotation.due'], (event) => requestRotation(ports, event));
