/** Whether everything in one list is in the other. Of nothing, nothing can be said. */
export const hasAll = (all: readonly string[], some: readonly string[]): boolean =>
  some.length > 0 && some.every((each) => all.includes(each));

/**
 * Whether whatever fits `narrow` fits `wide`: they are the same, or `wide` is a beginning and a star. Other patterns may do so
 * as well, and nothing is said of them.
 */
export const fitsWithin = (wide: string, narrow: string): boolean =>
  wide === narrow || (/^[^*?[]*\*$/.test(wide) && narrow.startsWith(wide.slice(0, -1)));
