import { systemClock } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { auditOrigin } from '../contracts/names.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveMessages } from '../shell/serve.ts';
import { wireChains, wireHeads, wireSigner } from '../shell/wiring.ts';
import { sealAudit } from './seal-audit.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['seal-audit']);
const shell = openShell(env);
const origin = auditOrigin(env.LOCKSTEP_ENVIRONMENT);
const ports = {
  origin,
  chains: wireChains(env),
  heads: wireHeads(env),
  signer: wireSigner(env),
  metrics: shell.metrics,
  clock: systemClock,
};

// What the message says does not matter: that it came is what is due.
export const handler = serveMessages(shell, env, () => sealAudit(ports));
