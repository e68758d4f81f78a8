import { onCallPager } from '../../embedded/pager/on-call-pager.ts';
import { PageFile } from '../../embedded/pager/page-file.ts';
import { RecordingPager } from '../fakes/recording-pager.ts';
import { tempFolder } from '../fakes/temp-folder.ts';
import { describePagerContract } from './pager-contract.ts';

describePagerContract('the recording pager', async () => {
  const pager = new RecordingPager();
  return {
    pager,
    incidents: () => pager.incidents.map(({ id }) => id),
    breakNext: () => pager.refuseNext(1),
    cleanUp: async () => pager.judge.assertClean(),
  };
});

describePagerContract('the on-call pager', async () => {
  const folder = tempFolder();
  const remote = new RecordingPager();
  const file = new PageFile(folder.at('pages.jsonl'));
  const pager = onCallPager({ file, write: () => undefined, remote });
  return {
    pager,
    incidents: () => remote.incidents.map(({ id }) => id),
    breakNext: () => remote.refuseNext(1),
    cleanUp: async () => folder.remove(),
  };
});
