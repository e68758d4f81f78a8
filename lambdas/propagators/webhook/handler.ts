import { readInventoryFile } from '../../adapters/inventory-file/inventory-file.ts';
import { systemClock } from '../../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../../contracts/function-environments.ts';
import { outboundPost } from '../../outbound/post.ts';
import { readEnvironment } from '../../shell/read-environment.ts';
import { openShell, serveQueue } from '../../shell/serve.ts';
import { wireLedger, wireVault } from '../../shell/wiring.ts';
import { signingKeys } from '../../tell-dependent/signing-keys.ts';
import { tellDependent } from '../../tell-dependent/tell-dependent.ts';
import { webhookPropagator } from './propagator.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS.tell);
const shell = openShell(env);
const ledger = wireLedger(env);
const keyPorts = { environment: env.LOCKSTEP_ENVIRONMENT, ledger, vault: wireVault() };
const keys = (credential: string) => signingKeys(keyPorts, credential);
const propagator = webhookPropagator({
  post: outboundPost({ clock: systemClock }),
  clock: systemClock,
  signingKeys: keys,
});
const ports = {
  inventory: readInventoryFile(import.meta.url),
  ledger,
  propagator,
  metrics: shell.metrics,
  clock: systemClock,
};

export const handler = serveQueue(shell, env, ['credential.changed'], (event) => tellDependent(ports, event));
