import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { functionName, targetFunction } from '../contracts/names.ts';
import { parseOrder } from '../contracts/orders.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { serveUrl } from '../shell/serve-url.ts';
import { openShell } from '../shell/serve.ts';
import {
  wireAppender,
  wireBus,
  wireDeadLetters,
  wireLedger,
  wireTargets,
  wireVault,
} from '../shell/wiring.ts';
import { assertOwnPermission } from './own-permission.ts';
import { operate } from './operate.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.operate);
const shell = openShell(env);
const stores = {
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  vault: wireVault(),
  audit: wireAppender(env, shell.metrics),
};
const system = {
  metrics: shell.metrics,
  clock: systemClock,
  newId: systemNewId,
  functionName: env.LOCKSTEP_FUNCTION,
};
const ways = { bus: wireBus(env), targets: wireTargets(env), deadLetters: wireDeadLetters(env) };
const targetArn = (family: string): string =>
  env.TARGET_ARN_PREFIX + functionName(env.LOCKSTEP_ENVIRONMENT, targetFunction(family));
const ports = { ...stores, ...system, ...ways, targetArn };

export const handler = serveUrl(shell, async ({ caller, alias, body }) => {
  const order = parseOrder(body);
  assertOwnPermission(order.order, alias);
  return operate(ports, { name: caller.arn }, order);
});
