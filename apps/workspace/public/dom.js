/**
 * Owns the drawing: plain descriptions of elements are patched into the document in place, so that what has the focus,
 * a caret or a scroll position keeps it. Text becomes text nodes and nothing else; there is no way to pass HTML.
 */

/**
 * @typedef {{ tag: string, key: string | undefined, props: Props, kids: Kid[] }} VNode
 * @typedef {VNode | string} Kid
 * @typedef {Kid | false | null | undefined | Loose[]} Loose
 * @typedef {{
 *   key?: string, on?: Record<string, (event: any) => void>, mounted?: (element: any) => void,
 *   value?: string, checked?: boolean, [attribute: string]: unknown
 * }} Props
 */

const SVG = 'http://www.w3.org/2000/svg';
const OWN = new Set(['key', 'on', 'mounted', 'value', 'checked']);
const FORBIDDEN = /^(on|style$|srcdoc$|src$|action$|formaction$|xlink)/;
const LINK = /^(https?:|mailto:|\?|\/)/;

/** What each element was last drawn from. @type {WeakMap<Node, VNode>} */
const drawn = new WeakMap();
/** Event types each element already listens to. @type {WeakMap<Element, Set<string>>} */
const listening = new WeakMap();
/** @type {(() => void)[]} */
let afterwards = [];

/**
 * Describes an element. Kids that are false, null or undefined are left out.
 * @param {string} tag @param {Props | null} props @param {Loose[]} kids @returns {VNode}
 */
export function h(tag, props, ...kids) {
  return { tag, key: props?.key, props: props ?? {}, kids: flat(kids) };
}

/** @param {Loose[]} kids @returns {Kid[]} */
function flat(kids) {
  /** @type {Kid[]} */
  const out = [];
  for (const kid of kids) {
    if (Array.isArray(kid)) out.push(...flat(kid));
    else if (kid !== false && kid !== null && kid !== undefined && kid !== '') out.push(kid);
  }
  return out;
}

/** Makes the children of `parent` what `kids` say. @param {Element} parent @param {Loose[]} kids */
export function draw(parent, kids) {
  patchKids(parent, flat(kids), parent.namespaceURI === SVG);
  const queue = afterwards;
  afterwards = [];
  for (const run of queue) run();
}

/** @param {Element} parent @param {Kid[]} kids @param {boolean} svg */
function patchKids(parent, kids, svg) {
  const reuse = matcher([...parent.childNodes]);
  const nodes = kids.map((kid) => reuse.take(kid) ?? create(kid, svg));
  // What goes away goes first: nodes that stay are then mostly in place, and a node that is not moved keeps its focus.
  for (const node of reuse.left()) node.remove();
  let cursor = parent.firstChild;
  for (const [index, node] of nodes.entries()) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    update(node, /** @type {Kid} */ (kids[index]), svg);
  }
}

/** Finds for each description the node drawn from its like. @param {ChildNode[]} nodes */
function matcher(nodes) {
  /** @type {Map<string, ChildNode[]>} */
  const byLike = new Map();
  for (const node of nodes) {
    const from = drawn.get(node);
    const like = node.nodeType === Node.TEXT_NODE ? '#text' : from ? likeness(from) : '#foreign';
    byLike.set(like, [...(byLike.get(like) ?? []), node]);
  }
  return {
    /** @param {Kid} kid */
    take: (kid) => byLike.get(typeof kid === 'string' ? '#text' : likeness(kid))?.shift(),
    left: () => [...byLike.values()].flat(),
  };
}

/** @param {VNode} vnode */
function likeness(vnode) {
  return `${vnode.tag} ${vnode.key ?? ''}`;
}

/** @param {Kid} kid @param {boolean} svg @returns {ChildNode} */
function create(kid, svg) {
  if (typeof kid === 'string') return document.createTextNode(kid);
  const element = svg || kid.tag === 'svg' ? document.createElementNS(SVG, kid.tag) : document.createElement(kid.tag);
  const { mounted } = kid.props;
  if (mounted) afterwards.push(() => mounted(element));
  return element;
}

/** @param {ChildNode} node @param {Kid} kid @param {boolean} svg */
function update(node, kid, svg) {
  if (typeof kid === 'string') {
    if (node.nodeValue !== kid) node.nodeValue = kid;
    return;
  }
  const element = /** @type {Element} */ (node);
  const before = drawn.get(element)?.props ?? {};
  drawn.set(element, kid);
  attributes(element, before, kid.props);
  listen(element, kid.props.on);
  patchKids(element, kid.kids, svg || kid.tag === 'svg');
  state(element, kid.props);
}

/** @param {Element} element @param {Props} before @param {Props} now */
function attributes(element, before, now) {
  for (const name of Object.keys(before)) if (!OWN.has(name) && !(name in now)) element.removeAttribute(name);
  for (const [name, value] of Object.entries(now)) {
    if (OWN.has(name) || before[name] === value) continue;
    if (FORBIDDEN.test(name)) throw new Error(`this page never sets ${name}`);
    if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else if (name !== 'href' || LINK.test(String(value)))
      element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** One listener per type; it calls what the element was last drawn with. @param {Element} element @param {Props['on']} on */
function listen(element, on) {
  if (!on) return;
  const known = listening.get(element) ?? new Set();
  listening.set(element, known);
  for (const type of Object.keys(on)) {
    if (known.has(type)) continue;
    known.add(type);
    element.addEventListener(type, (event) => drawn.get(element)?.props.on?.[type]?.(event));
  }
}

/** The state of a field, after its options exist. @param {any} element @param {Props} props */
function state(element, props) {
  if (props.value !== undefined && element.value !== props.value) element.value = props.value;
  if (props.checked !== undefined && element.checked !== props.checked) element.checked = props.checked;
}

/** A stable id for a name of any shape: ids in `aria-describedby` must not hold spaces. @param {string} name */
export function idFor(name) {
  const found = ids.get(name);
  if (found) return found;
  const made = `i${ids.size + 1}`;
  ids.set(name, made);
  return made;
}
/** @type {Map<string, string>} */
const ids = new Map();
