import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { ConfigError } from '../errors.ts';
import { isTable, kindOf, lineBreakOf, placeIn, type Route, type Syntax } from './syntax.ts';

/** JSON, with the comments and trailing commas that most clients accept. */
export const json: Syntax = {
  isByPart: true,

  parse(text, file) {
    if (text.trim() === '') return {};
    const value = getNodeValue(treeOf(text, file));
    if (isTable(value)) return value;
    throw new ConfigError([`${file} holds ${kindOf(value)}; an object is needed. Nothing was changed`]);
  },

  set(text, route, value, file) {
    if (text.trim() === '') return `${JSON.stringify(nested(route, value), null, 2)}${lineBreakOf(text)}`;
    const tree = treeOf(text, file);
    const found = findNodeAtLocation(tree, [...route]);
    if (found)
      return spliced(text, [{ from: found.offset, to: endOf(found), by: rendered(text, value, found.offset) }]);
    let depth = route.length - 1;
    while (depth > 0 && !findNodeAtLocation(tree, route.slice(0, depth))) depth -= 1;
    const parent = depth === 0 ? tree : findNodeAtLocation(tree, route.slice(0, depth));
    const [key = '', ...rest] = route.slice(depth);
    const wanted = typeof key === 'number' ? 'array' : 'object';
    if (parent?.type !== wanted) {
      const name = route.slice(0, depth).join('.');
      const needed = wanted === 'array' ? 'a list' : 'an object';
      const held = parent && kindOf(getNodeValue(parent));
      throw new ConfigError([`${file}: ${name} is ${held}; ${needed} is needed. Nothing was changed`]);
    }
    return inserted(text, parent, key, rest.length > 0 ? nested(rest, value) : value);
  },

  remove(text, route) {
    const found = findNodeAtLocation(treeOf(text, ''), [...route]);
    if (!found) return text;
    return removed(text, found.parent?.type === 'property' ? found.parent : found);
  },
};

function treeOf(text: string, file: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (tree && !error) return tree;
  const words = error && WORDS[printParseErrorCode(error.error)];
  throw new ConfigError([
    `${file} is broken at ${placeIn(text, error?.offset ?? 0)}: ${words ?? 'this is not JSON'}. Nothing was changed`,
  ]);
}

/** They repeat nothing from the file, which may hold secrets. */
const WORDS: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a name in quotation marks is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing brace } is missing',
  CloseBracketExpected: 'a closing bracket ] is missing',
  EndOfFileExpected: 'the file should have ended here',
  UnexpectedEndOfComment: 'a comment does not end',
  UnexpectedEndOfString: 'a string does not end',
  InvalidCharacter: 'a character cannot stand here',
};

const nested = (route: Route, value: unknown) =>
  route.reduceRight<unknown>((inner, key) => (typeof key === 'number' ? [inner] : { [key]: inner }), value);

const endOf = ({ offset, length }: Node) => offset + length;

interface Splice {
  from: number;
  to: number;
  by: string;
}

/** `splices` are in order and do not overlap. */
function spliced(text: string, splices: readonly Splice[]): string {
  return splices.reduceRight((after, { from, to, by }) => after.slice(0, from) + by + after.slice(to), text);
}

/** One level of indentation in this text. */
function indentUnit(text: string): string {
  const first = text.split('\n').find((line) => /^[ \t]+["}\]/]/.test(line));
  return (first && /^(\t|[ ]{1,8})/.exec(first)?.[0]) || '  ';
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** The value, indented as the line in which it begins. */
function rendered(text: string, value: unknown, offset: number): string {
  return lines(text, value, indentAt(text, offset));
}

const lines = (text: string, value: unknown, indent: string) =>
  JSON.stringify(value, null, indentUnit(text))
    .split('\n')
    .join(`${lineBreakOf(text)}${indent}`);

const isBlank = (text: string) => text.trim() === '';

/** Adds the value as the last one, after any comments at the end. */
function inserted(text: string, parent: Node, key: string | number, value: unknown): string {
  const close = endOf(parent) - 1;
  const outer = indentAt(text, parent.offset);
  const last = parent.children?.at(-1);
  const isOnOwnLine = last && isBlank(text.slice(text.lastIndexOf('\n', last.offset - 1) + 1, last.offset));
  const inner = isOnOwnLine ? indentAt(text, last.offset) : outer + indentUnit(text);
  const eol = lineBreakOf(text);
  const { comma, end } = tail(text, last ? endOf(last) : parent.offset + 1, close);
  const name = typeof key === 'string' ? `${JSON.stringify(key)}: ` : '';
  const entry = `${eol}${inner}${name}${lines(text, value, inner)}${comma === undefined ? '' : ','}`;
  const isClosedBelow = text.slice(end, close).includes('\n');
  return spliced(text, [
    ...(last && comma === undefined ? [{ from: endOf(last), to: endOf(last), by: ',' }] : []),
    { from: end, to: isClosedBelow ? end : close, by: isClosedBelow ? entry : `${entry}${eol}${outer}` },
  ]);
}

/** The comma after a value, if any before `to`, and the end of that comma and of the comments around it. */
function tail(text: string, from: number, to: number): { comma?: number; end: number } {
  const scanner = createScanner(text);
  scanner.setPosition(from);
  let comma: number | undefined;
  let end = from;
  for (scanner.scan(); scanner.getTokenOffset() < to; scanner.scan()) {
    const start = scanner.getTokenOffset();
    const first = text.charAt(start);
    if (isBlank(first)) continue;
    if (first === ',') comma ??= start;
    else if (first !== '/') break;
    end = start + scanner.getTokenLength();
  }
  return { comma, end };
}

/** Removes a property or an element, and one comma. */
function removed(text: string, node: Node): string {
  const siblings = node.parent?.children ?? [];
  const previous = siblings[siblings.indexOf(node) - 1];
  const { comma } = tail(text, endOf(node), node.parent ? endOf(node.parent) : text.length);
  const before = comma === undefined && previous ? tail(text, endOf(previous), node.offset).comma : undefined;
  const splices = [
    before === undefined ? undefined : { from: before, to: before + 1, by: '' },
    { from: node.offset, to: endOf(node), by: '' },
    comma === undefined ? undefined : { from: comma, to: comma + 1, by: '' },
  ].filter((each) => each !== undefined);
  return spliced(text, withLine(text, splices, node));
}

/** Removes whole lines if nothing else is on them. */
function withLine(text: string, splices: Splice[], node: Node): Splice[] {
  const start = text.lastIndexOf('\n', node.offset - 1) + 1;
  const last = splices.at(-1)?.to ?? endOf(node);
  const next = text.indexOf('\n', last);
  const rest = next < 0 ? text.slice(last) : text.slice(last, next);
  const isWhole =
    isBlank(text.slice(start, node.offset)) && isBlank(rest) && isBlank(text.slice(endOf(node), last - 1));
  if (!isWhole || next < 0) return splices;
  return [...splices.filter(({ to }) => to <= start), { from: start, to: next + 1, by: '' }];
}
