import { afterAll, beforeAll } from 'vitest';
import { describeTimerContract } from '../../ports/timer-contract.ts';
import { startClockedMinistack, type ClockedBed } from '../launch/clocked-ministack.ts';
import { timerAt } from './timer-at.ts';

let bed: ClockedBed;
beforeAll(async () => {
  bed = await startClockedMinistack();
});
afterAll(() => bed.stop());

describeTimerContract('EventBridge Scheduler of MiniStack, its clock moved', () => timerAt(bed));
