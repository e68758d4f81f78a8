import { describeBusContract } from '../../ports/bus-contract.ts';
import { describeWithFailures, type KnownFailures } from '../deviations/known-failures.ts';
import { deviation, type Deviation } from '../deviations/table.ts';
import { bedAddresses } from '../launch/bed-addresses.ts';
import { busAt } from './bus-at.ts';

const { ministack, moto } = bedAddresses();

const notMoved = (because: Deviation): KnownFailures => {
  const failure = { because, says: /could not move the dead letters of advance-rotation/ };
  return {
    'drives given up deliveries again from the start': failure,
    'gives a delivery that is driven again all its attempts': failure,
  };
};

describeWithFailures('MiniStack', notMoved(deviation('ministack-moves-no-messages')), () =>
  describeBusContract('EventBridge with SQS', () => busAt(ministack)),
);
describeWithFailures('moto', notMoved(deviation('moto-moves-no-messages')), () =>
  describeBusContract('EventBridge with SQS', () => busAt(moto)),
);
