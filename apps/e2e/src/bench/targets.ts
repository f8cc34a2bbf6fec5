/** What a run has to show, and whether it did. */
import { report } from './output.ts';
import { rounded } from './statistics.ts';

export type Figures = Readonly<Record<string, number>>;

/** Medians by scenario and server. */
export type Medians = ReadonlyMap<string, Figures>;

export const medianKey = (scenario: string, server: string): string => `${scenario} ${server}`;

interface Target {
  readonly name: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly measure: (
    figure: (scenario: string, server: string, name: string) => number | undefined,
  ) => number | undefined;
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a / b;

const TARGETS: readonly Target[] = [
  {
    name: 'exchanges against oidc-provider',
    unit: 'times',
    atLeast: 2,
    measure: (of) => ratio(of('exchange', 'sallyport', 'perSecond'), of('exchange', 'oidc-provider', 'perSecond')),
  },
  {
    name: 'exchanges against the bare prototype',
    unit: 'times',
    atLeast: 0.6,
    measure: (of) => ratio(of('exchange', 'sallyport', 'perSecond'), of('exchange', 'bare', 'perSecond')),
  },
  {
    name: 'introspections against oidc-provider',
    unit: 'times',
    atLeast: 1.5,
    measure: (of) => ratio(of('introspect', 'sallyport', 'perSecond'), of('introspect', 'oidc-provider', 'perSecond')),
  },
  {
    name: 'click to its own waiter, p99',
    unit: 'ms',
    atMost: 100,
    measure: (of) => of('held-one', 'sallyport', 'p99Ms'),
  },
  {
    name: 'one click to all waiters, p95',
    unit: 'ms',
    atMost: 500,
    measure: (of) => of('held-all', 'sallyport', 'p95Ms'),
  },
  {
    name: 'revoke answer to refusal, p99',
    unit: 'ms',
    atMost: 50,
    measure: (of) => of('revoke', 'sallyport', 'p99Ms'),
  },
  {
    name: '200 requests a minute in Slack, acknowledged, p99',
    unit: 'ms',
    atMost: 1_000,
    measure: (of) => of('slack', 'sallyport', 'p99Ms'),
  },
];

const MIB_MAX = 200;

/** Reports every target that was measured. */
export function reportTargets(medians: Medians, peakMib: number): void {
  const of = (scenario: string, server: string, name: string): number | undefined =>
    medians.get(medianKey(scenario, server))?.[name];
  for (const { name, unit, atLeast, atMost, measure } of TARGETS) {
    const value = measure(of);
    if (value === undefined) continue;
    const met = value >= (atLeast ?? value) && value <= (atMost ?? value);
    report({
      kind: 'target',
      name,
      unit,
      value: rounded(value),
      ...(atLeast === undefined ? { atMost } : { atLeast }),
      met,
    });
  }
  report({
    kind: 'target',
    name: 'broker under load',
    unit: 'MiB',
    value: peakMib,
    atMost: MIB_MAX,
    met: peakMib <= MIB_MAX,
  });
}
