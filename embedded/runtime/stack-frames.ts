/** The places in code that an error came through, and none of its text, which may quote what it was given. */
export const stackFrames = (error: unknown): readonly string[] =>
  error instanceof Error
    ? (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    : [];
