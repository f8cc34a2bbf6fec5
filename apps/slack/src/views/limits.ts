/** Owns Slack's sizes. Lengths are UTF-16 units, the stricter of the two readings. */

export const limits = {
  messageBlocks: 50,
  viewBlocks: 100,
  header: 150,
  plainText: 3_000,
  messageText: 3_000,
  buttonText: 75,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  optionText: 75,
  optionValue: 150,
  optionDescription: 75,
  options: 100,
  radioOptions: 10,
  checkboxes: 10,
  viewTitle: 24,
  privateMetadata: 3_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  fieldError: 150,
} as const;

/** Our own bounds on what people wrote, where it stands on a card or in a message. */
export const shown = {
  typedName: 40,
  name: 80,
  ticket: 100,
  detail: 200,
  quote: 600,
  fullText: 2_800,
  sentence: 2_000,
} as const;

/** Bounds of what people may write in our forms. */
export const typed = {
  justification: 500,
  ticket: 100,
  reason: 300,
  question: 500,
  command: 200,
} as const;
