import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { systemClock } from '../adapters/system/system.ts';
import { parseJson } from '../contracts/check.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveMessages } from '../shell/serve.ts';
import { wireAppender, wireLedger } from '../shell/wiring.ts';
import { detectAccess } from './detect-access.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['detect-access']);
const shell = openShell(env);
const stores = {
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
};
const detect = detectAccess({ ...stores, account: env.ACCOUNT, metrics: shell.metrics, clock: systemClock });

export const handler = serveMessages(shell, env, (body) =>
  detect(parseJson(body, 'MALFORMED_EVENT', 'the body of a message')),
);
