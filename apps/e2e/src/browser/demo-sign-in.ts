/** Lets the people of a house sign in at the program that `npm start` has for that, page and all. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, loadConfig, type Program } from '@sallyport/demo-issuer';
import type { House } from '../house/house.ts';
import { freePorts } from '../house/ports.ts';
import { until } from '../house/until.ts';

export interface DemoSignIn {
  /** The issuer's address. */
  readonly issuer: string;
  stop(): Promise<void>;
}

/** Starts the demo issuer and makes it the house's workforce issuer; resolves when the broker sends people there. */
export async function signInAtDemoIssuer(house: House): Promise<DemoSignIn> {
  const [port = 0] = await freePorts(1);
  const stateDir = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const env = { SALLYPORT_DEMO_ISSUER_PORT: String(port), SALLYPORT_STATE_DIR: stateDir, LOG_LEVEL: 'silent' };
  const demo: Program = await compose(loadConfig({ ...env, SALLYPORT_ISSUER: house.issuer }));
  await demo.lifecycle.start();
  const issuer = `http://localhost:${port}/workforce`;
  await house.policy.replace('10-issuers.yaml', `${house.issuers.origin}/workforce`, issuer);
  await until('people sign in at the demo issuer', 15_000, async () => {
    const answer = await fetch(`${house.broker.url}/login`, { redirect: 'manual' });
    return answer.headers.get('location')?.startsWith(issuer) === true;
  });
  return {
    issuer,
    async stop() {
      await demo.lifecycle.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
