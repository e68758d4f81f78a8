import { SNSClient } from '@aws-sdk/client-sns';
import { snsPager } from '../adapters/sns-pager/sns-pager.ts';
import { FUNCTION_ENVIRONMENTS } from '../contracts/function-environments.ts';
import { storeSettings } from '../shell/client-settings.ts';
import { readEnvironment } from '../shell/read-environment.ts';
import { openShell, serveQueue } from '../shell/serve.ts';
import { pageOnCall } from './page-on-call.ts';

const env = readEnvironment(process.env, FUNCTION_ENVIRONMENTS['page-on-call']);
const shell = openShell(env);
const ports = {
  pager: snsPager({ client: new SNSClient(storeSettings()), topicArn: env.ON_CALL_TOPIC }),
  metrics: shell.metrics,
  stage: env.LOCKSTEP_ENVIRONMENT,
};

export const handler = serveQueue(shell, env, ['page.requested'], (event) => pageOnCall(ports, event));
