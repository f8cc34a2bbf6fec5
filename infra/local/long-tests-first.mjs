/** The order of the tests: long ones first. A clean checkout remembers no durations, and Jest goes by size of file: the longest would end alone. */
import Sequencer from '@jest/test-sequencer';
import { inRoot } from './paths.mjs';

/** Those of a minute and more. */
const LONG = ['packages/testkit/src/model/model.test.ts', 'apps/slack/src/outbound/outage.test.ts'].map((file) =>
  inRoot(file),
);

export default class LongTestsFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.includes(path);
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((one) => !isLong(one))];
  }
}
