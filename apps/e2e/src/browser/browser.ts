/** A real Chromium for tests: found by TEST_CHROMIUM, one page per person, pictures where they help. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The program to run; absent where this machine has none, and then browser tests are skipped (which CI does not allow). */
export const CHROMIUM = process.env.TEST_CHROMIUM;

const TIMEOUT_MS = 15_000;
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

export interface TestBrowser {
  /** The workspace as this person sees it. */
  open(base: string, user: string, channel?: string): Promise<Page>;
  /** Any other page. */
  visit(url: string): Promise<Page>;
  /** Keeps a picture in the folder TEST_SCREENSHOTS names, if it does. */
  shoot(page: Page, name: string): Promise<void>;
  /** Errors the pages threw. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium. */
export async function startBrowser(): Promise<TestBrowser> {
  if (CHROMIUM === undefined) throw new Error('TEST_CHROMIUM is missing');
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 });
  context.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  return {
    errors,
    async open(base, user, channel = 'C01APPROVALS') {
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
      await page.goto(`${base}/?as=${user}&channel=${channel}`);
      return page;
    },
    async visit(url) {
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
      await page.goto(url);
      return page;
    },
    async shoot(page, name) {
      const folder = process.env.TEST_SCREENSHOTS;
      if (folder === undefined) return;
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}
