import { systemClock, systemNewId, systemRandomBytes } from '../../adapters/system/system.ts';
import { outboundPost } from '../../outbound/post.ts';
import { serveTargetFunction } from '../../shell/serve-target-function.ts';
import { randomRotator } from './rotator.ts';

const post = outboundPost({ clock: systemClock });
const ports = { randomBytes: systemRandomBytes, clock: systemClock, newId: systemNewId, post };

export const handler = serveTargetFunction({
  family: 'random',
  rotators: { random: randomRotator(ports) },
  beside: import.meta.url,
});
