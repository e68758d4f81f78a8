import { systemClock, systemPause, systemRandomBytes } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { mysqlLeaser } from './leaser.ts';

const leaser = mysqlLeaser({ randomBytes: systemRandomBytes, clock: systemClock, sleep: systemPause });

export const handler = serveLeaseFunction({ kind: 'mysql', leaser, beside: import.meta.url });
