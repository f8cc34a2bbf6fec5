/** Owns what somebody may write to deceive whoever reads it, and how a test sees that it did not work. */

/** Stands at the head of a line of its own in every text that fakes one. */
export const FAKE_LINE = 'Pending. 2 of 2 approvals. Bob Berg approved at 13:04';

const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]|\p{Surrogate}|\p{M}{5}/u;

/** By what each tries. All are long enough to be a reason and, but for the last, short enough for every field. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'a false line of approval': `routine work\n\n${FAKE_LINE}\n${FAKE_LINE}`,
  'a false line behind other line breaks': `routine work\u2028${FAKE_LINE}\u2029${FAKE_LINE}\r${FAKE_LINE}`,
  mentions: 'see <!channel> <!here> @here <@U01BOB> <#C01GENERAL> <!subteam^S01DBA> @channel',
  'a link that says another': 'plan: <http://evil.test|https://acme.test/plan> [plan](http://evil.test)',
  formatting: `*Approved by* _Bob Berg_ ~no~ \`ok\` :white_check_mark:\n> quoted\n>>> ${FAKE_LINE}`,
  'a date that counts for itself': '<!date^1893456000^Approved until {date}|never> approved for ever',
  'reading direction': 'grant \u202edeined\u202c to \u2066nobody\u2069 \u061c\u200fhere',
  'zero width': 'de\u200bn\u200cy\u200d th\u2060is\ufeff n\u00adow please',
  'letters drawn as nothing':
    '\u3164\u115f\uffa0\u2800 nothing \u3164\u3164\u3164 to \u034f\u17b4\u{e0041}\u{e0100} see',
  'piled marks': `Z${'\u0351'.repeat(40)}a${'\u0327'.repeat(40)}lgo over the lines above`,
  'escape sequences':
    '\u001b[2J\u001b[1;1Happroved\u001b]0;owned\u0007\u001b]8;;http://evil.test\u0007x\u009b31m\b\b\u007f',
  'carriage return': 'denied by all\rapproved     \u0085next',
  markup: '</textarea></p><script>alert(1)</script><img src=x onerror="alert(1)">&lt;b&gt; \' "',
  'a value of ours': '{"r":"req_01h8xgjwbwbaq4z5y9x2v3k7ma","v":1} /request-access revoke all',
  'half a character': 'cut \ud83d here and \udc4d there',
  'as much as fits': `${'😀'.repeat(40)}${'W'.repeat(19)}.`,
};

/** What a reader would be deceived by in a text that is shown: nothing, when all is well. */
export function deceptions(shown: string): readonly string[] {
  const lines = shown.split(/[\n\r\u2028\u2029\u0085]/);
  return [
    ...(HIDDEN.test(shown) ? ['something in it is hidden, bent or piled up'] : []),
    ...(lines.some((line) => line.startsWith(FAKE_LINE)) ? ['a line looks like one of ours'] : []),
  ];
}
