/** The door for programs that hold no signing keys: what seals secrets at rest and texts in a browser, and nothing that signs. */
export { type KeyWrapping, makeKeyWrapping } from './key-wrapping.ts';
export { makeSealedBox, type SealedBox } from './sealed-box.ts';
export { openSlackToken, sealSlackToken } from './slack-token.ts';
