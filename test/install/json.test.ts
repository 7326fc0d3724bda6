import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { json } from '../../src/install/json.ts';

const set = (text: string, value: unknown = 1, route = ['servers', 'ours']) => json.set(text, route, value, 'a.json');
const remove = (text: string, route: (string | number)[] = ['servers', 'ours']) => json.remove(text, route);

describe('set', () => {
  test.each<[string, string, string]>([
    ['an empty text', '', '{\n  "servers": {\n    "ours": 1\n  }\n}\n'],
    ['an empty object', '{}', '{\n  "servers": {\n    "ours": 1\n  }\n}'],
    ['an object in one line', '{"a": 1}', '{"a": 1,\n  "servers": {\n    "ours": 1\n  }\n}'],
    [
      'others in lines of their own',
      '{\n    "servers": {\n        "a": {}\n    }\n}\n',
      '{\n    "servers": {\n        "a": {},\n        "ours": 1\n    }\n}\n',
    ],
    [
      'a comma at the end',
      '{\n\t"servers": {\n\t\t"a": {},\n\t},\n}',
      '{\n\t"servers": {\n\t\t"a": {},\n\t\t"ours": 1,\n\t},\n}',
    ],
    [
      'comments behind and below the last one',
      '{\n  "servers": {\n    "a": 1 // of a\n    // and\n    /* more */\n  } // end\n}',
      '{\n  "servers": {\n    "a": 1, // of a\n    // and\n    /* more */\n    "ours": 1\n  } // end\n}',
    ],
    [
      'a comment alone',
      '{\n  "servers": {\n    // none yet\n  }\n}',
      '{\n  "servers": {\n    // none yet\n    "ours": 1\n  }\n}',
    ],
    ['a comment with a brace in it', '{"servers": {"a": 1 /* } */}}', '{"servers": {"a": 1, /* } */\n  "ours": 1\n}}'],
    [
      'one of that name',
      '{"servers": {"ours": {"old": "}"} /* x */, "b": 2}}',
      '{"servers": {"ours": 1 /* x */, "b": 2}}',
    ],
  ])('beside %s', (_, before, after) => {
    expect(set(before)).toBe(after);
  });

  test('takes a value of several lines with the indentation and the line breaks of the text', () => {
    expect(set('{\r\n\t"servers": {\r\n\t}\r\n}', { a: ['b'] })).toBe(
      '{\r\n\t"servers": {\r\n\t\t"ours": {\r\n\t\t\t"a": [\r\n\t\t\t\t"b"\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}',
    );
  });
});

describe('remove', () => {
  test.each<[string, string, string]>([
    ['the only one', '{\n  "servers": {\n    "ours": {\n      "a": 1\n    }\n  }\n}', '{\n  "servers": {\n  }\n}'],
    ['the only one with a comma', '{"servers": {"ours": 1,}}', '{"servers": {}}'],
    [
      'the first with the comments of the next left to it',
      '{\n  "servers": {\n    "ours": 1,\n    // about b\n    "b": 2\n  }\n}',
      '{\n  "servers": {\n    // about b\n    "b": 2\n  }\n}',
    ],
    [
      'the last, and the comma before it',
      '{\n  "servers": {\n    "a": 1, // of a\n    "ours": 1\n  }\n}',
      '{\n  "servers": {\n    "a": 1 // of a\n  }\n}',
    ],
    [
      'the last of those with a comma each',
      '{\n  "servers": {\n    "a": 1,\n    "ours": 1,\n  },\n}',
      '{\n  "servers": {\n    "a": 1,\n  },\n}',
    ],
    [
      'one with a comment behind it, which stays',
      '{\n  "servers": {\n    "ours": 1, // mine\n    "b": 2\n  }\n}',
      '{\n  "servers": {\n     // mine\n    "b": 2\n  }\n}',
    ],
    ['one of several in a line', '{"servers": {"a": 1, "ours": 2, "b": 3}}', '{"servers": {"a": 1,  "b": 3}}'],
    ['none', '{"servers": {"a": 1}}', '{"servers": {"a": 1}}'],
  ])('takes out %s', (_, before, after) => {
    expect(remove(before)).toBe(after);
  });

  test('takes an element out of a list', () => {
    expect(remove('{"inputs": [{"id": 1}, {"id": 2}]}', ['inputs', 1])).toBe('{"inputs": [{"id": 1} ]}');
    expect(remove('{"inputs": [\n  {"id": 1},\n  {"id": 2}\n]}', ['inputs', 0])).toBe('{"inputs": [\n  {"id": 2}\n]}');
  });
});

/** A text of JSON in some layout, with a number in each of its comments. */
const layout = fc.record({
  space: fc.constantFrom('', ' ', '\n', '\n  ', '\r\n\t'),
  comments: fc.boolean(),
  comma: fc.boolean(),
});
interface Layout {
  space: string;
  comments: boolean;
  comma: boolean;
}

function written(value: unknown, { space, comments, comma }: Layout): string {
  let count = 0;
  const gap = () => {
    if (!comments) return space;
    count += 1;
    return count % 2 === 0 ? `${space}/* ${count} } , */${space}` : ` // ${count} { "\n${space}`;
  };
  function write(each: unknown): string {
    if (typeof each !== 'object' || each === null) return JSON.stringify(each);
    const items = Array.isArray(each)
      ? each.map((item) => gap() + write(item) + gap())
      : Object.entries(each).map(
          ([key, item]) => `${gap()}${JSON.stringify(key)}${gap()}:${gap()}${write(item)}${gap()}`,
        );
    const inner = items.join(',') + (comma && items.length > 0 ? `,${gap()}` : gap());
    return Array.isArray(each) ? `[${inner}]` : `{${inner}}`;
  }
  return gap() + write(value) + gap();
}

const comments = (text: string) => text.match(/\/\* \d+ \} , \*\/|\/\/ \d+ \{ "/g) ?? [];
// Without a zero below zero, which JSON does not write.
const inJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const values = fc
  .dictionary(
    fc.string().filter((key) => key !== '__proto__' && key !== 'ours'),
    fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
    { maxKeys: 4 },
  )
  .map(inJson);

test('in any layout nothing else changes, no comment is lost, and what was set can be removed', () => {
  fc.assert(
    fc.property(values, values, layout, fc.jsonValue(), (others, servers, form, value) => {
      const content = { ...others, servers };
      const text = written(content, form);
      expect(parse(text)).toEqual(content);

      const after = set(text, value);
      expect(json.parse(after, 'a.json')).toEqual({
        ...content,
        servers: { ...servers, ours: inJson(value) },
      });
      expect(comments(after)).toEqual(comments(text));

      const again = remove(after);
      expect(json.parse(again, 'a.json')).toEqual(content);
      expect(comments(again)).toEqual(comments(text));

      const [first] = Object.keys(servers);
      if (first === undefined) return;
      const without = json.remove(text, ['servers', first]);
      const { [first]: _, ...rest } = servers;
      expect(json.parse(without, 'a.json')).toEqual({ ...content, servers: rest });
    }),
    { numRuns: 400 },
  );
});
