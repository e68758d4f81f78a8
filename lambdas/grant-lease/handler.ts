import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { schedulerTimer } from '../adapters/scheduler-timer/scheduler-timer.ts';
import { systemClock, systemNewId, systemPause, systemRandomBytes } from '../adapters/system/system.ts';
import { openPolicyEngine } from '../cedar/cedar-engine.ts';
import { readPolicyFile } from '../cedar/policy-file.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { leaseCapabilities } from '../contracts/lease-capabilities.ts';
import { outboundGet } from '../outbound/get.ts';
import { storeSettings } from '../shell/client-settings.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { serveAccess } from '../shell/serve-access.ts';
import { openShell } from '../shell/serve.ts';
import { wireAppender, wireLeaseFunctions, wireLedger } from '../shell/wiring.ts';
import { readKeys } from '../tokens/read-keys.ts';
import { tokenVerifier } from '../tokens/token-verifier.ts';
import { answerAccess } from './answer-access.ts';
import { grantLease } from './grant-lease.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['grant-lease']);
const shell = openShell(env);
const inventory = readInventoryFile(import.meta.url);
const { BUS_ARN: busArn, TIMER_GROUP: group, TIMER_ROLE: roleArn, TIMER_DEAD_LETTERS: deadLetterArn } = env;
const client = new SchedulerClient(storeSettings());
const timer = schedulerTimer({ client, clock: systemClock, group, busArn, roleArn, deadLetterArn });
const get = outboundGet();
const tokens = tokenVerifier({
  read: (issuer) => readKeys(get, issuer),
  clock: systemClock,
  onRead: (issuer, failure) => {
    if (failure) shell.log.failure(`the keys of issuer ${issuer} could not be read`, failure);
  },
});
const system = {
  inventory,
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
  metrics: shell.metrics,
  clock: systemClock,
  newId: systemNewId,
  functionName: env.LOCKSTEP_FUNCTION,
};
const grant = grantLease({
  ...system,
  mark: env.DEPLOYMENT_MARK,
  timer,
  policy: openPolicyEngine({ bundle: readPolicyFile(import.meta.url), inventory }),
  leases: wireLeaseFunctions(env),
  randomBytes: systemRandomBytes,
  sleep: systemPause,
  capabilitiesOf: leaseCapabilities,
});
const doors = { recognise: { ...system, tokens }, finding: system, grant };

export const handler = serveAccess(shell, (request) => answerAccess(doors, request));
