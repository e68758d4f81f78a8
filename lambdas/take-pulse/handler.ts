import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveMessages } from '../shell/serve.ts';
import { wireDeadLetters, wireHeads, wireLedger, wireOutbox, wireVault } from '../shell/wiring.ts';
import { takePulse } from './take-pulse.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['take-pulse']);
const shell = openShell(env);
const inventory = readInventoryFile(import.meta.url);
const stores = {
  ledger: wireLedger(env),
  outbox: wireOutbox(env),
  heads: wireHeads(env),
  vault: wireVault(),
};
const system = { metrics: shell.metrics, clock: systemClock, stuckAfterSeconds: env.STUCK_AFTER_SECONDS };
const ports = { inventory, ...stores, ...system, deadLetters: wireDeadLetters(env) };

export const handler = serveMessages(shell, env, () => takePulse(ports));
