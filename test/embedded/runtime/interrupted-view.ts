/** A process with a view that updates in place, as `npm start` has one, which takes half a second to stop. */
import { stopSignals } from '../../../embedded/runtime/stop-signals.ts';

// As at a terminal, whatever reads us. Looked at as soon as the package is loaded.
process.stderr.isTTY = true;
const { createLogUpdate } = await import('log-update');

const signals = stopSignals({
  process,
  monotonicMs: () => performance.now(),
  onFirst: () => undefined,
  onAgain: () => process.exit(1),
});
// Hides the cursor, and so brings in whoever shows it again when the process is ended by a signal: behind us, so that
// it looks for other listeners when ours has been called.
createLogUpdate(process.stdout)('a frame');

const working = setInterval(() => undefined, 1000);
console.log('working');
await signals.stopped;
await new Promise((resolve) => setTimeout(resolve, 500));
console.log('stopped in good order');
clearInterval(working);
process.exitCode = 130;
