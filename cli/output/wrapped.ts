/** What a terminal is at least wide: nothing that has to be read at night is behind its edge. */
export const NARROW = 80;

/** Words in lines that are no wider than a terminal, indented. A word that is longer stands alone, and whole: it may be copied. */
export function wrapped(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > NARROW) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}`);
}
