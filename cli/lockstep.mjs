#!/usr/bin/env node
// The bin of the package. TypeScript as it is written runs through tsx, registered for this process alone, so that a
// user's lockstep.config.ts is read the same way. Nothing else belongs here.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./main.ts');
// Not awaited in main.ts itself: a config that is CommonJS may require only modules that have been evaluated.
await main();
