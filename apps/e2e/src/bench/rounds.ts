/** Alternated rounds: A B C A B C, each after an unmeasured turn; every round and the medians are reported. */
import type { BenchOptions } from './options.ts';
import { report, tell } from './output.ts';
import type { Server } from './stage/stage.ts';
import { median } from './statistics.ts';
import { type Figures, type Medians, medianKey } from './targets.ts';

export interface Turn {
  /** From 1 on; 0 is the turn to warm up. */
  readonly round: number;
  readonly ms: number;
}

export interface Rounds {
  /** Plays a scenario. Without `warmUp` the first turn counts; `rounds` where it takes too long for as many as wanted. */
  play(
    scenario: string,
    servers: readonly Server[],
    turn: (server: Server, at: Turn) => Promise<Figures>,
    how?: { readonly warmUp: boolean; readonly rounds?: number },
  ): Promise<void>;
  medians(): Medians;
  /** The most memory the broker was seen to use, in MiB. */
  peakMib(): number;
}

/** Rounds as the options want them. */
export function makeRounds(options: BenchOptions): Rounds {
  const medians = new Map<string, Figures>();
  let peakMib = 0;

  function seen(server: Server, figures: Figures): Figures {
    if (server.name === 'sallyport') peakMib = Math.max(peakMib, figures.peakMib ?? 0);
    return figures;
  }

  return {
    medians: () => medians,
    peakMib: () => peakMib,
    async play(scenario, servers, turn, { warmUp, rounds = options.rounds } = { warmUp: true }) {
      tell(scenario);
      if (warmUp) for (const server of servers) seen(server, await turn(server, { round: 0, ms: options.warmUpMs }));
      const all = new Map<Server, Figures[]>(servers.map((server) => [server, []]));
      for (let round = 1; round <= rounds; round++) {
        for (const server of servers) {
          const figures = seen(server, await turn(server, { round, ms: options.roundMs }));
          all.get(server)?.push(figures);
          report({ kind: 'round', scenario, server: server.name, round, ...figures });
        }
      }
      for (const [server, found] of all) {
        const figures = mediansOf(found);
        medians.set(medianKey(scenario, server.name), figures);
        report({ kind: 'median', scenario, server: server.name, ...figures });
      }
    },
  };
}

function mediansOf(found: readonly Figures[]): Figures {
  const names = Object.keys(found[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(found.map((one) => one[name] ?? 0))]));
}
