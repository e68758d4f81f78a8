import type { Page, Pager } from '../../lambdas/core/ports/pager.ts';
import type { PageFile } from './page-file.ts';
import { pageText } from './page-text.ts';

/** Where a page is shown. */
export interface OnCallPagerOptions {
  readonly file: PageFile;
  /** Writes to whoever watches the process. */
  readonly write: (text: string) => void;
  /** Somebody who is not looking. */
  readonly remote?: Pager;
}

/**
 * `Pager` of the embedded world: kept in a file, shown once where the process runs, and sent on where a
 * receiver is configured. A page that the receiver did not take is tried again and not shown twice.
 */
export function onCallPager({ file, write, remote }: OnCallPagerOptions): Pager {
  return {
    page: async (page: Page) => {
      if (file.add(page) === 'new') write(pageText(page));
      await remote?.page(page);
    },
  };
}
