import { systemClock, systemPause, systemRandomBytes } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { postgresLeaser } from './leaser.ts';

const leaser = postgresLeaser({ randomBytes: systemRandomBytes, clock: systemClock, sleep: systemPause });

export const handler = serveLeaseFunction({ kind: 'postgres', leaser, beside: import.meta.url });
