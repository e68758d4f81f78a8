import { readFileSync } from 'node:fs';

/** The text of a page of ours, by its path below the repository. */
export const page = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The code blocks of a page, of one language. */
export const codeBlocks = (path: string, language: string): readonly string[] =>
  [...page(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );

/** The block whose first line names this file. */
export function fileInPage(path: string, language: string, file: string): string {
  const found = codeBlocks(path, language).find((code) =>
    (code.split('\n')[0] ?? '').replace(/^(\/\/|#) /, '').startsWith(file),
  );
  if (found !== undefined) return found;
  throw new Error(`${path} shows no ${file}`);
}

/** The rows of a page's tables, cell by cell; headings and rulers left out. */
export const tableRows = (path: string): readonly (readonly string[])[] =>
  page(path)
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
