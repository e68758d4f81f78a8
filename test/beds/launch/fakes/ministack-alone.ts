/** Starts MiniStack, says where, and stays until it is killed. */
import { startMinistack } from '../ministack.ts';

process.env['SECRET_OF_OURS'] = 'not for functions';
const { url } = await startMinistack();
console.log(url);
setInterval(() => undefined, 60_000);
