/** Holds the Postgres adapters to the contracts every store keeps, under the role of the program that uses them. */
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
} from '@sallyport/testkit/contracts';
import { openWorld } from './world.support.ts';

const make: MakeStoreWorld = (policy) => openWorld(policy);

ledgerContract('postgres', make);
issuancesContract('postgres', make);
handlesContract('postgres', make);
devicesContract('postgres', make);
sessionsContract('postgres', make);
slackLinksContract('postgres', make);
questionsContract('postgres', make);
revocationsContract('postgres', make);
