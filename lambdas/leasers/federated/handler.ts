import { systemClock } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { federatedLeaser } from './leaser.ts';

const leaser = federatedLeaser({ fetch: (url, init) => fetch(url, init), clock: systemClock });

export const handler = serveLeaseFunction({ kind: 'federated', leaser, beside: import.meta.url });
