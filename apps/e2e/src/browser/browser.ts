/** A real Chromium for tests: found by TEST_CHROMIUM, one page per person, pictures where they help. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

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
  /** Any other page, in a browser of somebody else: with cookies of its own. */
  visitApart(url: string): Promise<Page>;
  /** Keeps a picture in the folder TEST_SCREENSHOTS names, if it does: of what is in sight, or of the whole page. */
  shoot(page: Page, name: string, how?: { readonly whole: boolean }): Promise<void>;
  /** Errors the pages threw. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium. */
export async function startBrowser(): Promise<TestBrowser> {
  if (CHROMIUM === undefined) throw new Error('TEST_CHROMIUM is missing');
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  const errors: string[] = [];
  async function apart(): Promise<BrowserContext> {
    const made = await browser.newContext({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 });
    made.setDefaultTimeout(TIMEOUT_MS);
    return made;
  }
  async function visitIn(where: BrowserContext, url: string): Promise<Page> {
    const page = await where.newPage();
    page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
    await page.goto(url);
    return page;
  }
  const context = await apart();
  return {
    errors,
    open: (base, user, channel = 'C01APPROVALS') => visitIn(context, `${base}/?as=${user}&channel=${channel}`),
    visit: (url) => visitIn(context, url),
    visitApart: async (url) => visitIn(await apart(), url),
    async shoot(page, name, { whole } = { whole: false }) {
      const folder = process.env.TEST_SCREENSHOTS;
      if (folder === undefined) return;
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: whole });
    },
    close: () => browser.close(),
  };
}
