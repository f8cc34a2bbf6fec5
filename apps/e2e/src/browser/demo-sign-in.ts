/** People of a house sign in at the program that `npm start` has, page and all; and what they do by REST with its tokens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, loadConfig } from '@sallyport/demo-issuer';
import type { Page } from 'playwright-core';
import type { House } from '../house/house.ts';
import { freePorts } from '../house/ports.ts';
import { until } from '../house/until.ts';

export interface DemoSignIn {
  /** An ID token of somebody, for the REST door. */
  tokenOf(sub: string): Promise<string>;
  /** A REST call of somebody. */
  rest(
    sub: string,
    path: string,
    body: object,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** Starts it and moves the house's workforce issuer there. */
export async function signInAtDemoIssuer(house: House): Promise<DemoSignIn> {
  const [port = 0] = await freePorts(1);
  const stateDir = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const env = { SALLYPORT_DEMO_ISSUER_PORT: String(port), SALLYPORT_STATE_DIR: stateDir, LOG_LEVEL: 'silent' };
  const demo = await compose(loadConfig({ ...env, SALLYPORT_ISSUER: house.issuer }));
  await demo.lifecycle.start();
  const page = `http://localhost:${port}/workforce`;
  await house.policy.replace('10-issuers.yaml', `${house.issuers.origin}/workforce`, page);
  await until('people sign in at the demo issuer', 15_000, async () => {
    const answer = await fetch(`${house.broker.url}/login`, { redirect: 'manual' });
    return answer.headers.get('location')?.startsWith(page) === true;
  });
  const tokenOf = async (sub: string) => (await (await fetch(`${page}/token?sub=${sub}`)).text()).trim();
  return {
    tokenOf,
    async rest(sub, path, body) {
      const answer = await fetch(house.broker.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${await tokenOf(sub)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async stop() {
      await demo.lifecycle.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Chooses who to be at the demo issuer's page. */
export async function chooseWho(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await page.getByRole('button', { name }).click();
}
