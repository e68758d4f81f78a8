/**
 * What Cedar says of an author's own file, fit for a terminal: one line, no control characters, not too long.
 *
 * Elsewhere a foreign error's text never passes, because it may quote a value. Policies are code in a repository and hold
 * none; and without these words ("did you mean `tier`?") nobody could mend one.
 */
export function said(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

const LONGEST = 300;
