import { systemClock, systemPause, systemRandomBytes } from '../../adapters/system/system.ts';
import { serveTargetFunction } from '../../shell/serve-target-function.ts';
import { postgresAuthorityRotator } from './postgres-authority-rotator.ts';
import { postgresRotator } from './postgres-rotator.ts';

const ports = { randomBytes: systemRandomBytes, clock: systemClock, sleep: systemPause };
const rotators = { postgres: postgresRotator(ports), 'postgres-authority': postgresAuthorityRotator(ports) };

export const handler = serveTargetFunction({ family: 'postgres', rotators, beside: import.meta.url });
