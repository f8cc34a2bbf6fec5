/** Holds the in-memory house to the contracts, so that tests on it speak for the real one. */
import { asStoreWorld } from '../memory-house.ts';
import { memoryWorld } from '../memory-world.ts';
import {
  devicesContract,
  handlesContract,
  issuancesContract,
  ledgerContract,
  type MakeStoreWorld,
  questionsContract,
  revocationsContract,
  sessionsContract,
  slackLinksContract,
} from './index.ts';

const make: MakeStoreWorld = async (policy) => asStoreWorld(memoryWorld({ policy }));

ledgerContract('memory', make);
issuancesContract('memory', make);
handlesContract('memory', make);
devicesContract('memory', make);
sessionsContract('memory', make);
slackLinksContract('memory', make);
questionsContract('memory', make);
revocationsContract('memory', make);
