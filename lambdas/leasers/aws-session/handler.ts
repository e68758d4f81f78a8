import { STSClient } from '@aws-sdk/client-sts';
import { systemClock } from '../../adapters/system/system.ts';
import { storeSettings } from '../../shell/client-settings.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { awsSessionLeaser } from './leaser.ts';

// One client for each region that the inventory names, made when it is first needed.
const clients = new Map<string, STSClient>();
const sts = (region = ''): STSClient => {
  const known = clients.get(region);
  if (known) return known;
  const client = new STSClient({ ...storeSettings(), ...(region === '' ? {} : { region }) });
  clients.set(region, client);
  return client;
};

const leaser = awsSessionLeaser({ sts, clock: systemClock });

export const handler = serveLeaseFunction({ kind: 'aws-session', leaser, beside: import.meta.url });
