/** What a person sees in the terminal: lines, and progress for steps that take long. Colour only on a terminal. */

const TICK_MS = 100;
const QUIET_MS = 1_500;
const REPEAT_MS = 15_000;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** Colour functions for a stream; they change nothing unless it is a terminal that wants colour. */
export function coloursFor(stream, env = process.env) {
  const on = Boolean(stream.isTTY) && env.NO_COLOR === undefined && env.TERM !== 'dumb';
  return Object.fromEntries(
    Object.entries(codes).map(([name, code]) => [name, (text) => (on ? `\u001b[${code}m${text}\u001b[0m` : text)]),
  );
}

const seconds = (sinceMs) => `${Math.round((Date.now() - sinceMs) / 1_000)} s`;

/**
 * Speaks on one stream. `line` prints, `warn` prints with a mark, `step` shows work in progress and returns its result;
 * the work gets `note(text)` to say what it is busy with.
 */
export function makeSay(stream) {
  const colour = coloursFor(stream);
  const line = (text = '') => void stream.write(`${text}\n`);
  const show = stream.isTTY ? spinner : plain;

  /** One line that is drawn again and again. */
  function spinner(state) {
    let frame = 0;
    const draw = () => {
      frame = (frame + 1) % SPINNER.length;
      const note = state.note ? colour.dim(`  ${state.note}`) : '';
      stream.write(`\r\u001b[K${colour.cyan(SPINNER[frame])} ${state.label} … ${seconds(state.since)}${note}`);
    };
    const timer = setInterval(draw, TICK_MS);
    draw();
    return () => {
      clearInterval(timer);
      stream.write('\r\u001b[K');
    };
  }

  /** For logs and pipes: says what it is waiting for when that takes a while, and again now and then. */
  function plain(state) {
    const tell = () => line(`  ${state.label} … ${seconds(state.since)}${state.note ? `  ${state.note}` : ''}`);
    let repeat;
    const first = setTimeout(() => {
      tell();
      repeat = setInterval(tell, REPEAT_MS);
    }, QUIET_MS);
    return () => {
      clearTimeout(first);
      clearInterval(repeat);
    };
  }

  /** `done`: what the line says afterwards, if not the label. */
  async function step(label, work, done = label) {
    const state = { label, since: Date.now(), note: '' };
    const end = show(state);
    try {
      const result = await work((text) => {
        state.note = text;
      });
      end();
      line(
        `${colour.green('✓')} ${done}${Date.now() - state.since > QUIET_MS ? colour.dim(`  ${seconds(state.since)}`) : ''}`,
      );
      return result;
    } catch (error) {
      end();
      line(`${colour.red('✗')} ${label}`);
      throw error;
    }
  }

  const warn = (text) => line(`${colour.yellow('!')} ${text}`);
  return { line, warn, step, colour };
}
