/** How the demo speaks: numbered steps, people's doings, requests and answers as they went over the wire. */

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined;
const paint = (code: string) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = paint('1');
export const dim = paint('2');
export const green = paint('32');
export const yellow = paint('33');
export const cyan = paint('36');

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const URN = /urn:ietf:params:oauth:(?:grant-type|token-type):/g;
const LINE_WIDTH = 118;

/** Shows the beginning of a token only (a terminal's history is no place for the rest), and long names short. */
export function shorten(text: string): string {
  return text.replaceAll(TOKEN, (token) => `${token.slice(0, 8)}…`).replaceAll(URN, 'urn:…:');
}

/** A printer of one demo run. */
export function makePrinter(write: (line: string) => void) {
  let step = 0;
  return {
    step(title: string): void {
      step += 1;
      write(`\n${bold(`${step}. ${title}`)}`);
    },
    /** Somebody does something. */
    does(who: string, what: string): void {
      write(`   ${cyan(who)} ${what}`);
    },
    /** What somebody reads in Slack. */
    reads(where: string, text: string): void {
      write(`   ${dim(where)}`);
      for (const line of text.split('\n').filter((one) => one.trim() !== ''))
        write(`     ${dim('│')} ${line.slice(0, LINE_WIDTH)}`);
    },
    request(method: string, url: string, params: Readonly<Record<string, string>>): void {
      const shown = Object.entries(params).map(([name, value]) => `${name}=${shorten(value)}`);
      write(`   ${yellow(`${method} ${url}`)}`);
      if (shown.length > 0) write(`     ${dim(shown.join('  '))}`);
    },
    answer(status: number, body: unknown): void {
      const text =
        body === ''
          ? '(empty)'
          : shorten(typeof body === 'string' ? body : JSON.stringify(body, null, 1).replaceAll(/\n\s*/g, ' '));
      write(`     ${status < 400 ? green(`→ ${status}`) : yellow(`→ ${status}`)} ${text}`);
    },
    holds(what: string): void {
      write(`   ${green('✓')} ${what}`);
    },
    say: write,
  };
}

export type Printer = ReturnType<typeof makePrinter>;
