import { readFileSync } from 'node:fs';

/** The objects of a file with one JSON text a line; a line that a crash cut short is passed over. None: empty. */
export function readLines(path: string): readonly unknown[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}
