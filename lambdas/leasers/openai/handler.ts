import { systemClock, systemPause } from '../../adapters/system/system.ts';
import { serveLeaseFunction } from '../../shell/serve-lease-function.ts';
import { openaiLeaser } from './leaser.ts';

const leaser = openaiLeaser({
  fetch: (url, init) => fetch(url, init),
  clock: systemClock,
  sleep: systemPause,
});

export const handler = serveLeaseFunction({ kind: 'openai', leaser, beside: import.meta.url });
