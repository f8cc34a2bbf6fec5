/** The run: which scenarios there are, in which order, and what is said about them. */
import { cpus, totalmem } from 'node:os';
import { checkLedger, jtiOf } from './issued.ts';
import type { Measured } from './measured.ts';
import type { BenchOptions } from './options.ts';
import { report, tell } from './output.ts';
import { exchangeClosed, exchangeOpen } from './scenarios/exchange.ts';
import { introspectClosed, introspectOpen, tokensToAskAbout } from './scenarios/introspect.ts';
import { approveJobs } from './stage/people.ts';
import { type Server, type Stage, setStage } from './stage/stage.ts';
import { median } from './statistics.ts';

/** Runs everything. Returns whether every issued token was found in the ledger. */
export async function runBench(options: BenchOptions, redisUrl: string): Promise<boolean> {
  tell('starting two brokers, a worker and the competitors');
  const stage = await setStage(options, redisUrl);
  try {
    await sayMachine(stage);
    return await play(stage, options);
  } finally {
    await stage.stop();
  }
}

async function sayMachine({ database }: Stage): Promise<void> {
  const [settings] = await database.sql(
    `select current_setting('server_version') as postgres, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as synchronous_commit`,
  );
  const [cpu] = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  report({ kind: 'machine', cpu: cpu?.model, cpus: cpus().length, memoryGib, node: process.version, ...settings });
}

async function play(stage: Stage, options: BenchOptions): Promise<boolean> {
  const issued: string[] = [];
  const wanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name);
  tell(`approving ${options.grants} pipelines`);
  await approveJobs(stage, 0, options.grants);
  const servers = [stage.brokers[0], ...stage.competitors];
  const keep = (server: Server, tokens: readonly string[]): void => {
    if (server.name === 'sallyport') for (const token of tokens) issued.push(jtiOf(token));
  };
  if (wanted('exchange')) {
    await rounds('exchange', servers, options, async (server, ms) => {
      const { tokens, ...figures } = await exchangeClosed(stage, options, server, ms);
      keep(server, tokens);
      return figures;
    });
  }
  if (wanted('exchange-open')) {
    await rounds('exchange-open', servers, options, async (server, ms) => {
      const { tokens, ...figures } = await exchangeOpen(stage, options, server, ms);
      keep(server, tokens);
      return figures;
    });
  }
  if (wanted('introspect') || wanted('introspect-open')) {
    const two = servers.slice(0, 2);
    const asked = new Map<Server, readonly string[]>();
    for (const server of two) asked.set(server, await tokensToAskAbout(stage, options, server));
    keep(stage.brokers[0], asked.get(stage.brokers[0]) ?? []);
    const of = (server: Server): readonly string[] => asked.get(server) ?? [];
    if (wanted('introspect'))
      await rounds('introspect', two, options, (server, ms) =>
        introspectClosed(stage, options, server, of(server), ms),
      );
    if (wanted('introspect-open'))
      await rounds('introspect-open', two, options, (server, ms) =>
        introspectOpen(stage, options, server, of(server), ms),
      );
  }
  const check = await checkLedger(stage, issued);
  report({ kind: 'ledger', ...check });
  return check.withoutRow === 0 && check.withoutAuditRow === 0 && check.distinct === check.issued;
}

/** One unmeasured turn each, then the rounds: A B C A B C. Reports every round and the medians. */
async function rounds(
  scenario: string,
  servers: readonly Server[],
  options: BenchOptions,
  turn: (server: Server, ms: number) => Promise<Measured>,
): Promise<void> {
  tell(scenario);
  for (const server of servers) await turn(server, options.warmUpMs);
  const all = new Map<Server, Measured[]>(servers.map((server) => [server, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const server of servers) {
      const figures = await turn(server, options.roundMs);
      all.get(server)?.push(figures);
      report({ kind: 'round', scenario, server: server.name, round, ...figures });
    }
  }
  for (const [server, found] of all) report({ kind: 'median', scenario, server: server.name, ...medians(found) });
}

function medians(found: readonly Measured[]): Record<string, number> {
  const [first] = found;
  if (first === undefined) return {};
  return Object.fromEntries(
    (Object.keys(first) as (keyof Measured)[]).map((name) => [name, median(found.map((one) => one[name]))]),
  );
}
