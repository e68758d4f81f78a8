import { systemClock } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { githubAppLeaser } from './leaser.ts';

const leaser = githubAppLeaser({ fetch: (url, init) => fetch(url, init), clock: systemClock });

export const handler = serveLeaseFunction({ kind: 'github-app', leaser, beside: import.meta.url });
