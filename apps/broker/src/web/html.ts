/** HTML made of templates: every text that goes in is escaped, here and nowhere else; only what is HTML already is not. */
import { visibleText } from '@sallyport/platform';

/** What may stand in a template. Nothing is what `undefined`, `false` and an empty list show. */
export type Shown = Html | string | number | false | undefined | readonly Shown[];

/** HTML. Made by `html` alone, so that a text never passes for it. */
export class Html {
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }

  /** Tag of a template: `html`<p>${name}</p>``. Attributes are written in double quotes. */
  static of(parts: TemplateStringsArray, ...shown: readonly Shown[]): Html {
    return new Html(parts.map((part, index) => part + render(shown[index])).join(''));
  }
}

export const html = Html.of;

/** Text as HTML shows it, also inside an attribute in quotes: nothing in it is markup, nothing in it is invisible. */
export function escapeHtml(text: string): string {
  return visibleText(text).replaceAll(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}

function render(shown: Shown): string {
  if (shown === undefined || shown === false) return '';
  if (shown instanceof Html) return shown.text;
  if (typeof shown === 'string' || typeof shown === 'number') return escapeHtml(String(shown));
  return shown.map(render).join('');
}
