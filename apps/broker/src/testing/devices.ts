/** A device of the test house: begins, shows its code, polls; and the person who confirms it in a browser. */
import type { BrokerHouse } from './broker-house.ts';
import { type Answer, callersOf } from './callers.ts';
import type { Shown, WebBrowser } from './web-browser.ts';

export const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
export const WHY = 'Look at the orders that failed';

export interface Begun {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly answer: Answer;
}

/** Builds the devices of a house. */
export function devicesOf(house: BrokerHouse) {
  const call = callersOf(house);

  /** A psql-like client: its id and a scope, and nothing else, unless said. */
  async function begin(params: Readonly<Record<string, string>> = {}, headers = {}): Promise<Begun> {
    const asked = { client_id: 'psql', scope: 'orders:read', ...params };
    const answer = await call.form('/oauth/device_authorization', asked, headers);
    return { deviceCode: String(answer.body.device_code), userCode: String(answer.body.user_code), answer };
  }

  /** Polls at once, without being held. */
  const poll = (code: string, params: Readonly<Record<string, string>> = {}, headers = {}) =>
    call.form(
      '/oauth/token',
      { grant_type: DEVICE, client_id: 'psql', device_code: code, ...params },
      { prefer: 'wait=0', ...headers },
    );

  /** Polls after the interval. */
  async function pollLater(code: string): Promise<Answer> {
    house.advance(6);
    return poll(code);
  }

  /** Types the code, and arrives at the page that shows what is asked. */
  async function review(browser: WebBrowser, userCode: string): Promise<Shown & { readonly path: string }> {
    const page = await browser.open('/device');
    const sent = await browser.post('/device', { user_code: userCode }, page);
    const path = sent.location ?? '';
    return { ...(path === '' ? sent : await browser.open(path)), path };
  }

  /** Signs in, types the code, and presses a button. */
  async function confirm(
    browser: WebBrowser,
    userCode: string,
    fields: Readonly<Record<string, string>> = { choice: 'continue', reason: WHY },
  ): Promise<Shown> {
    const shown = await review(browser, userCode);
    const sent = await browser.post(shown.path, fields, shown);
    return sent.location === undefined ? sent : browser.open(sent.location);
  }

  return { ...call, begin, poll, pollLater, review, confirm };
}
