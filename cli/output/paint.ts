import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. What a colour says is always said in words as well. */
export interface Paint {
  readonly bad: (text: string) => string;
  readonly odd: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** What decides about colour. */
export interface PaintSurface {
  readonly isTerminal: boolean;
  /** `NO_COLOR` and `TERM` (https://no-color.org). */
  readonly noColor: string | undefined;
  readonly terminal: string | undefined;
}

/** Colours on a terminal that shows them and was not asked to leave them out; nothing anywhere else. */
export function paintFor({ isTerminal, noColor, terminal }: PaintSurface): Paint {
  const isOn = isTerminal && (noColor === undefined || noColor === '') && terminal !== 'dumb';
  const colour =
    (format: Format) =>
    (text: string): string =>
      isOn && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return {
    bad: colour('red'),
    odd: colour('yellow'),
    good: colour('green'),
    strong: colour('bold'),
    faint: colour('dim'),
  };
}
