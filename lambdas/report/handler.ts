import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { secretsManagerCatalog } from '../adapters/secrets-manager-vault/secrets-manager-catalog.ts';
import { systemClock } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { auditOrigin } from '../contracts/names.ts';
import { parseQuery } from '../contracts/orders.ts';
import { storeSettings } from '../shell/client-settings.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { serveUrl } from '../shell/serve-url.ts';
import { openShell } from '../shell/serve.ts';
import { verifierOf } from '../shell/verify-signature.ts';
import {
  wireChains,
  wireDeadLetters,
  wireHeads,
  wireLedger,
  wireSigner,
  wireVault,
} from '../shell/wiring.ts';
import { report } from './report.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.report);
const stores = {
  ledger: wireLedger(env),
  chains: wireChains(env),
  heads: wireHeads(env),
  vault: wireVault(),
  deadLetters: wireDeadLetters(env),
};
const catalog = secretsManagerCatalog(new SecretsManagerClient(storeSettings()));
const trust = {
  auditOrigin: auditOrigin(env.LOCKSTEP_ENVIRONMENT),
  verifySignature: verifierOf(wireSigner(env)),
};
const ports = {
  inventory: readInventoryFile(import.meta.url),
  ...stores,
  ...trust,
  catalog,
  clock: systemClock,
};

export const handler = serveUrl(openShell(env), ({ body }) => report(ports, parseQuery(body)));
