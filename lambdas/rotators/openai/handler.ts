import { systemClock, systemPause } from '../../adapters/system/system.ts';
import { serveTargetFunction } from '../../shell/serve-target-function.ts';
import { openaiAuthorityRotator } from './authority-rotator.ts';
import { openaiRotator } from './rotator.ts';

const ports = {
  fetch: (url: string, init: RequestInit) => fetch(url, init),
  clock: systemClock,
  sleep: systemPause,
};
const rotators = { openai: openaiRotator(ports), 'openai-authority': openaiAuthorityRotator(ports) };

export const handler = serveTargetFunction({ family: 'openai', rotators, beside: import.meta.url });
