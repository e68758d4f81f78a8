import { synthesizeExample, type SynthesizedApp } from './synthesized-app.ts';

let made: SynthesizedApp | undefined;

/** The example, synthesized when it is first asked for and never again: that takes longer than all that is asked of it. */
export function example(): SynthesizedApp {
  made ??= synthesizeExample();
  return made;
}

/** Removes what synthesizing wrote. */
export function forgetExample(): void {
  made?.dispose();
  made = undefined;
}
