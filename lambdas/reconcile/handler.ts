import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveMessages } from '../shell/serve.ts';
import { wireAppender, wireBus, wireLedger, wireOutbox, wireTargets, wireVault } from '../shell/wiring.ts';
import { reconcile } from './reconcile.ts';
import { whatToReconcile } from './what-to-reconcile.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.reconcile);
const shell = openShell(env);
const inventory = readInventoryFile(import.meta.url);
const stores = {
  ledger: wireLedger(env),
  outbox: wireOutbox(env),
  vault: wireVault(),
  audit: wireAppender(env, shell.metrics),
};
const system = {
  metrics: shell.metrics,
  clock: systemClock,
  newId: systemNewId,
  functionName: env.LOCKSTEP_FUNCTION,
};
const limits = { stuckAfterSeconds: env.STUCK_AFTER_SECONDS, orphansEverySeconds: env.ORPHANS_EVERY_SECONDS };
const ports = { inventory, ...stores, ...system, ...limits, bus: wireBus(env), targets: wireTargets(env) };

export const handler = serveMessages(shell, env, async (body) => {
  const wanted = whatToReconcile(inventory, body);
  const found = wanted ? await reconcile(ports, wanted) : [];
  for (const { credential, action, what } of found)
    shell.log.warn(`reconcile ${action}`, { credential, what });
});
