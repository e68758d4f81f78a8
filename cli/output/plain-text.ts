/** Characters that move a cursor, hide text or turn its direction: a name or a reason must not rewrite a terminal. */
const CONTROL = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text that others wrote, fit for a terminal. */
export const plainText = (text: string): string => text.replaceAll(CONTROL, '?');
