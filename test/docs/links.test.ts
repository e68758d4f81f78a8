import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { page } from './code-blocks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const markdownIn = (folder: string, recursive: boolean): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = [...markdownIn('', false), ...markdownIn('docs', true)];

/** A page without its code, in which brackets mean something else. */
const proseOf = (path: string): string =>
  page(path)
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));

/** The name that a heading is linked by: GitHub's rule, as far as our headings need it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (path: string): readonly string[] =>
  [...page(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** What is wrong with the links of a page. */
function deadLinksOf(path: string): readonly string[] {
  const links = [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
}

describe('the documents', () => {
  it.each(PAGES)('%s links to nothing that is not there', (path) => {
    expect(deadLinksOf(path)).toEqual([]);
  });

  it('list every decision', () => {
    const listed = [...page('docs/decisions/README.md').matchAll(/\((\d{4}-[\w-]+\.md)\)/g)].map(
      ([, name]) => name,
    );
    const there = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
    expect(listed).toEqual(there.sort());
  });

  it.each(readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name)))(
    'give context, decision, consequences and what would change our mind: %s',
    (name) => {
      const headings = [...page(`docs/decisions/${name}`).matchAll(/^## (.+)$/gm)].map(
        ([, heading]) => heading,
      );
      expect(headings).toEqual(['Context', 'Decision', 'Consequences', 'What would change our mind']);
    },
  );
});
