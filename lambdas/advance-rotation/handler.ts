import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { readInventoryFile } from '../adapters/inventory-file/inventory-file.ts';
import { schedulerTimer } from '../adapters/scheduler-timer/scheduler-timer.ts';
import { systemClock, systemNewId } from '../adapters/system/system.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { storeSettings } from '../shell/client-settings.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveQueue } from '../shell/serve.ts';
import { wireAppender, wireLedger, wireTargets } from '../shell/wiring.ts';
import { advanceRotation } from './advance-rotation.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['advance-rotation']);
const shell = openShell(env);
const { BUS_ARN: busArn, TIMER_GROUP: group, TIMER_ROLE: roleArn, TIMER_DEAD_LETTERS: deadLetterArn } = env;
const client = new SchedulerClient(storeSettings());
const timer = schedulerTimer({ client, clock: systemClock, group, busArn, roleArn, deadLetterArn });
const stores = {
  inventory: readInventoryFile(import.meta.url),
  ledger: wireLedger(env),
  audit: wireAppender(env, shell.metrics),
  timer,
};
const system = {
  metrics: shell.metrics,
  clock: systemClock,
  newId: systemNewId,
  functionName: env.LOCKSTEP_FUNCTION,
};
const ports = { ...stores, ...system, targets: wireTargets(env) };

export const handler = serveQueue(shell, env, ['rotation.advanced', 'dependent.acknowledged'], (event) =>
  advanceRotation(ports, event),
);
