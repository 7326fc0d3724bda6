import { describe, expect, test } from 'vitest';
import { providerFrom } from '../../scripts/evals/providers/index.ts';
import { type Played, playedProvider } from './played-provider.ts';

const KEY = 'planted-key-of-a-provider';
const DIALECTS = ['anthropic', 'openai'] as const;
const tools = [{ name: 'list_clusters', description: 'Lists clusters.', inputSchema: { type: 'object' } }];
const ask = { system: 'Be brief.', tools, messages: [{ role: 'person' as const, text: 'Which clusters?' }] };

async function play(dialect: (typeof DIALECTS)[number], script: readonly Played[]) {
  const { url, requests } = await playedProvider(script);
  const name = dialect.toUpperCase();
  const provider = providerFrom({ [`${name}_API_KEY`]: KEY, [`${name}_BASE_URL`]: `${url}/` }, 'some-model');
  return { provider: provider ?? expect.fail(), requests };
}

describe.each(DIALECTS)('a provider with the dialect of %s', (dialect) => {
  test('gets the tools and the conversation, and gives back calls and tokens', async () => {
    const calls = [{ tool: 'list_clusters', arguments: { name: 'orders' } }];
    const { provider, requests } = await play(dialect, [{ text: 'Let me see.', calls }]);

    const reply = await provider.complete(ask);

    expect(reply).toMatchObject({ text: 'Let me see.', calls, usage: { input: 100, output: 10 } });
    expect(JSON.stringify(requests[0]?.body)).toContain('Lists clusters.');
    expect(JSON.stringify(requests[0]?.body)).toContain('Be brief.');
    expect(requests[0]?.body).toMatchObject({ model: 'some-model' });
    expect(JSON.stringify(requests[0]?.headers)).toContain(KEY);
  });

  test('gets its own answer back as it came, with the results of the calls', async () => {
    const { provider, requests } = await play(dialect, [{ calls: [{ tool: 'list_clusters', arguments: {} }] }]);
    const { raw, calls } = await provider.complete(ask);
    const [{ id } = expect.fail()] = calls;

    const results = [{ id, text: '{"clusters":[]}', isError: false }];
    const reply = await provider.complete({
      ...ask,
      messages: [...ask.messages, { role: 'model', raw }, { role: 'tools', results }],
    });

    expect(reply).toMatchObject({ text: 'Done.', calls: [] });
    const sent = JSON.stringify(requests[1]?.body.messages);
    expect(sent).toContain(JSON.stringify(raw));
    expect(sent).toContain(JSON.stringify('{"clusters":[]}'));
    expect(sent.split(JSON.stringify(id)).length).toBeGreaterThan(2);
  });

  test.each(['max_tokens', 'length'])('of whose answer the end is missing (%s) says so', async (stopped) => {
    const { provider } = await play(dialect, [{ text: 'I would', stopped }]);
    const isOwn = (dialect === 'anthropic') === (stopped === 'max_tokens');

    expect((await provider.complete(ask)).cutOff).toBe(isOwn ? stopped : undefined);
  });

  test('is asked again after the pause that it wants', async () => {
    const busy = { status: 429, headers: { 'retry-after': '0.05' }, body: '{"error":{"message":"slow down"}}' };
    const { provider, requests } = await play(dialect, [busy, busy, { text: 'Now.' }]);
    const started = performance.now();

    expect(await provider.complete(ask)).toMatchObject({ text: 'Now.', pausedMs: 100 });
    expect(requests).toHaveLength(3);
    expect(performance.now() - started).toBeGreaterThanOrEqual(95);
  });

  test('is not asked again after a refusal, whose words have no key in them', async () => {
    const refusal = { status: 401, body: '{"error":{"message":"invalid key"}}' };
    const { provider, requests } = await play(dialect, [refusal]);

    const error = await provider.complete(ask).catch((reason: unknown) => reason);

    expect(String(error)).toMatch(/answered 401: invalid key$/);
    expect(String(error)).not.toContain(KEY);
    expect(requests).toHaveLength(1);
  });

  test.each(['<html>', '{}', '{"choices":[],"content":7}', 'null'])('that answers with %s is quoted', async (body) => {
    const { provider } = await play(dialect, [{ body }]);
    await expect(provider.complete(ask)).rejects.toThrow(`in another form than its documentation says: ${body}`);
  });

  test('is told from one whose failure is of this request alone', async () => {
    const isOfRequest = async (played: Played) => {
      const { provider } = await play(dialect, [played]);
      return provider.complete(ask).catch((error: unknown) => Object(error).isOfRequest);
    };

    expect(await isOfRequest({ status: 400, body: '{"error":{"message":"the prompt is too long"}}' })).toBe(true);
    expect(await isOfRequest({ body: '<html>' })).toBe(true);
    expect(await isOfRequest({ status: 401 })).toBe(false);
    expect(await isOfRequest({ body: '{"error":{"message":"no such model","code":404}}' })).toBe(false);
  });

  test('is asked again where a failure that can pass comes as a success', async () => {
    const busy = { body: '{"error":{"message":"busy","code":503}}', headers: { 'retry-after': '0' } };
    const { provider, requests } = await play(dialect, [busy, { text: 'Now.' }]);

    expect((await provider.complete(ask)).text).toBe('Now.');
    expect(requests).toHaveLength(2);
  });

  test('is asked at most five times', async () => {
    const overloaded = { status: 503, headers: { 'retry-after': '0' }, body: '<html>' };
    const { provider, requests } = await play(dialect, Array(9).fill(overloaded));

    await expect(provider.complete(ask)).rejects.toThrow(/answered 503: <html>/);
    expect(requests).toHaveLength(5);
  });
});

test('text in parts and arguments as an object are read as well', async () => {
  const made = [{ id: 'a', type: 'function', function: { name: 'list_clusters', arguments: { name: 'orders' } } }];
  const message = {
    content: [
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'see.' },
    ],
    tool_calls: made,
  };
  const { provider } = await play('openai', [{ body: JSON.stringify({ choices: [{ message }] }) }]);

  expect(await provider.complete(ask)).toMatchObject({
    text: 'Let me \nsee.',
    calls: [{ tool: 'list_clusters', arguments: { name: 'orders' } }],
    usage: undefined,
  });
});

const ended = (choice: object): Played => ({
  body: JSON.stringify({ choices: [{ message: { role: 'assistant', content: '' }, ...choice }] }),
});

test.each([
  { finish_reason: 'error', error: { code: 502, message: 'upstream' } },
  { finish_reason: 'error' },
  { finish_reason: 'insufficient_system_resource' },
])('an answer that the provider gave up, %j, is its failure and not silence of the model', async (choice) => {
  const { provider } = await play('openai', [ended(choice)]);

  const error = await provider.complete(ask).catch((reason: unknown) => reason);

  expect(error).toMatchObject({ name: 'ProviderError', isOfRequest: true });
  expect(String(error)).toContain(choice.error?.message ?? choice.finish_reason);
});

test.each([{}, { finish_reason: 'stop' }, { finish_reason: null }])(
  'a model that is silent by itself, %j, is not taken for that',
  async (choice) => {
    const { provider } = await play('openai', [ended(choice)]);

    expect(await provider.complete(ask)).toMatchObject({ text: '', calls: [] });
  },
);

test('a call without an ID gets one, under which its result goes back', async () => {
  const made = [{ type: 'function', function: { name: 'list_clusters', arguments: '{}' } }];
  const { provider } = await play('openai', [ended({ message: { content: null, tool_calls: made } })]);

  const { calls, raw } = await provider.complete(ask);

  expect(calls[0]?.id).toMatch(/^\S{8,}$/);
  expect(raw).toMatchObject({ tool_calls: [{ id: calls[0]?.id }] });
});

test('two texts of an answer stand on lines of their own, and tokens need not be told', async () => {
  const texts = [
    { type: 'text', text: 'Let me think.' },
    { type: 'text', text: 'Answer: legacy-crm' },
  ];
  const { provider } = await play('anthropic', [{ body: JSON.stringify({ content: texts, stop_reason: 'end_turn' }) }]);

  expect(await provider.complete(ask)).toMatchObject({
    text: 'Let me think.\nAnswer: legacy-crm',
    usage: undefined,
  });
});

test.each(['{"name": "ord', '["orders"]', '"orders"'])(
  'arguments that are no object, %s, are a problem',
  async (text) => {
    const { provider } = await play('openai', [{ calls: [{ tool: 'list_clusters', arguments: text }] }]);

    const [call] = (await provider.complete(ask)).calls;

    expect(call).toMatchObject({ arguments: {}, problem: `The arguments are no JSON object: ${text}` });
  },
);

describe('a base URL', () => {
  const sentTo = async (name: 'ANTHROPIC' | 'OPENAI', rest: string) => {
    const { url, requests } = await playedProvider([]);
    const provider = providerFrom({ [`${name}_API_KEY`]: KEY, [`${name}_BASE_URL`]: `${url}${rest}` }, 'some-model');
    await provider?.complete(ask).catch(() => {});
    return requests[0]?.path;
  };

  test.each([
    ['ANTHROPIC', '', '/v1/messages'],
    ['ANTHROPIC', '/', '/v1/messages'],
    ['ANTHROPIC', '/v1', '/v1/messages'],
    ['ANTHROPIC', '/gateway/v1/', '/gateway/v1/messages'],
    ['OPENAI', '/v1', '/v1/chat/completions'],
    ['OPENAI', '/deployments/d?api-version=2024-10-21', '/deployments/d/chat/completions?api-version=2024-10-21'],
  ] as const)('of %s that ends with "%s" leads to %s', async (name, rest, path) => {
    expect(await sentTo(name, rest)).toBe(path);
  });

  test.each(['127.0.0.1:8080', 'localhost:8080', 'gateway', 'ftp://gateway'])(
    'such as %s is refused at once',
    (url) => {
      expect(() => providerFrom({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url }, 'some-model')).toThrow(
        'OPENAI_BASE_URL is no URL that begins with http:// or https://',
      );
    },
  );
});

describe('the environment', () => {
  const both = { ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: KEY };

  test('names no provider without a key', () => {
    expect(providerFrom({ EVALS_MODEL: 'some-model', OPENAI_API_KEY: '' })).toBeUndefined();
  });

  test('has to name a model beside a key', () => {
    expect(() => providerFrom({ OPENAI_API_KEY: KEY })).toThrow(/OPENAI_API_KEY is set, but no model/);
  });

  test('decides on the provider by the only key, or by the name of the model', () => {
    expect(providerFrom({ OPENAI_API_KEY: KEY, EVALS_MODEL: 'claude-by-a-gateway' })?.name).toBe('openai');
    expect(providerFrom({ ANTHROPIC_API_KEY: KEY, EVALS_MODEL: 'some-model' })?.name).toBe('anthropic');
    expect(providerFrom({ ...both, EVALS_MODEL: 'claude-x' })?.name).toBe('anthropic');
    expect(providerFrom({ ...both, EVALS_MODEL: 'claude-x' }, 'other')).toMatchObject({
      name: 'openai',
      model: 'other',
    });
  });
});
