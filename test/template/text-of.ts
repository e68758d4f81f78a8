/** A text out of a template. Anything else there is a fault of the test or of the template: it must not pass as `[object Object]`. */
export function text(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new TypeError(
    `expected a text in a template, found ${value === undefined ? 'nothing' : typeof value}`,
  );
}
