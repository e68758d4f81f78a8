import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { serveUrl } from '../shell/serve-url.ts';
import { openShell } from '../shell/serve.ts';
import { wireLedger } from '../shell/wiring.ts';
import { answerDependent } from './answer-dependent.ts';
import { callerWorkload } from './caller-workload.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.acknowledge);
const shell = openShell(env);
const inventory = readInventoryFile(import.meta.url);
const ports = {
  inventory,
  ledger: wireLedger(env),
  metrics: shell.metrics,
  clock: systemClock,
  newId: systemNewId,
};

export const handler = serveUrl(shell, ({ caller, ...request }) =>
  answerDependent(ports, { workload: callerWorkload(inventory, caller.arn) }, request),
);
