import { systemClock, systemRandomBytes } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { redisLeaser } from './leaser.ts';

const leaser = redisLeaser({ randomBytes: systemRandomBytes, clock: systemClock });

export const handler = serveLeaseFunction({ kind: 'redis', leaser, beside: import.meta.url });
