import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { prompts } from '../../scripts/evals/cases/prompts/index.ts';
import { evals } from '../../scripts/evals/evals.ts';
import { readersSheet } from '../../scripts/evals/readers.ts';
import { isQuestion } from '../../scripts/evals/scoring.ts';
import { tools } from '../../src/tools/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { type Played, playedProvider } from './played-provider.ts';

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const lines: string[] = [];
  const isRight = await evals(args, env, (line) => lines.push(line));
  return { isRight, text: lines.join('\n') };
}

const moreMemory: Played = { calls: [{ tool: 'update_cluster', arguments: { clusterId: 'orders', ram: 8192 } }] };

async function withModel(...script: Played[]) {
  const { url } = await playedProvider(script);
  return { ANTHROPIC_API_KEY: 'planted-key', ANTHROPIC_BASE_URL: url, EVALS_MODEL: 'played' };
}

describe('npm run evals', () => {
  test('without a key checks what needs no model, and says what it left out', async () => {
    const { isRight, text } = await run(['--only', 'prompts,more-memory,same-lan']);

    expect(isRight).toBe(true);
    expect(text).toMatch(/^tools: \d+, \d+ tokens, 0 problems in their words$/m);
    expect(text).toMatch(/^search, .*: \d\d and \d\d of 40; from outside alone: \d\d and \d\d of 20$/m);
    expect(text).toContain('tasks whose solution passes, and whose unchanged world does not: 1 of 1');
    expect(text).toContain('questions whose answer follows from the tools: 1 of 1');
    expect(text).toMatch(/Left out, .*ANTHROPIC_API_KEY.*: 60 prompts, 1 tasks and 1 questions put to a model/);
  });

  test('with one runs the cases, prints the figures and writes them', async () => {
    const json = path.join(temporaryFolder('evals'), 'results.json');
    const env = await withModel(moreMemory, { text: 'Done.' }, { text: 'No.' }, { text: 'Answer: billing' });
    const args = ['--only', 'more-memory,same-lan', '--json', json];

    const { text } = await run([...args.slice(0, 2), '--repeat', '1', ...args.slice(2)], env);

    expect(text).toContain('passed  tasks  more-memory');
    expect(text).toContain('0 of 1  questions  same-lan');
    expect(text).toMatch(/^tasks +1 +100 % +0 +1 +0 +200 +20/m);
    expect(text).toMatch(/^all +2 +50 % /m);
    expect(text).toContain('There is no earlier result yet to compare with.');
    const written = JSON.parse(readFileSync(json, 'utf8'));
    expect(written).toMatchObject({
      provider: 'anthropic',
      model: 'played',
      cases: [{ passed: [true] }, { passed: [false] }],
      summary: [
        { kind: 'tasks', passRate: 1 },
        { kind: 'questions', passRate: 0 },
        { kind: 'all', passRate: 0.5 },
      ],
    });
    expect(JSON.stringify(written)).not.toContain('planted-key');
  });

  test('keeps what is done where the provider fails', async () => {
    const json = path.join(temporaryFolder('evals'), 'results.json');
    const refused: Played = { status: 401, body: '{"error":{"message":"invalid key"}}' };
    const env = await withModel(moreMemory, { text: 'Done.' }, refused);

    await expect(run(['--only', 'more-memory,same-lan', '--json', json], env)).rejects.toThrow(
      /^Stopped at same-lan: .* answered 401: invalid key$/,
    );
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      isComplete: false,
      cases: [{ id: 'more-memory', passed: [true] }],
    });
  });

  test('keeps the attempts at a case whose next one fails', async () => {
    const json = path.join(temporaryFolder('evals'), 'results.json');
    const env = await withModel(moreMemory, { text: 'Done.' }, { status: 403 });

    await expect(run(['--only', 'more-memory', '--repeat', '2', '--json', json], env)).rejects.toThrow('Stopped at');
    expect(JSON.parse(readFileSync(json, 'utf8')).cases).toMatchObject([{ id: 'more-memory', passed: [true] }]);
  });

  test('ends after five requests in a row that were refused, and fails where none was judged', async () => {
    const page: Played = { body: '<html>Sign in</html>' };
    const many = await withModel(...Array<Played>(9).fill(page));
    await expect(run(['--only', 'questions'], many)).rejects.toThrow('Stopped at');

    const { isRight, text } = await run(['--only', 'same-lan'], await withModel(page));

    expect(isRight).toBe(false);
    expect(text).toContain('not judged  questions  same-lan');
    expect(text).toMatch(/^questions +1 +none judged +1 /m);
  });

  test('without a key writes its figures where they are wanted', async () => {
    const json = path.join(temporaryFolder('evals'), 'figures.json');

    await run(['--only', 'prompts', '--json', json]);

    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      tools: { problems: [] },
      search: { all: { of: 40 }, fromOutside: { of: 20 } },
    });
  });

  test('goes on after a request that alone was refused, whose case is not judged', async () => {
    const json = path.join(temporaryFolder('evals'), 'results.json');
    const tooLong: Played = { status: 400, body: '{"error":{"message":"the prompt is too long"}}' };
    const env = await withModel(tooLong, moreMemory, { text: 'Done.' });

    const { text } = await run(['--only', 'more-memory', '--repeat', '2', '--json', json], env);

    expect(text).toMatch(/not judged, because the provider failed: .* answered 400: the prompt is too long/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      isComplete: false,
      cases: [{ passed: [true], notJudged: 1 }],
    });
  });

  test('writes each conversation, with what the tools answered, and does not count the pauses of a provider', async () => {
    const folder = temporaryFolder('evals');
    const [json, transcripts] = [path.join(folder, 'results.json'), path.join(folder, 'conversations.jsonl')];
    const busy: Played = { status: 429, headers: { 'retry-after': '1' } };
    const env = await withModel(busy, moreMemory, { text: 'Done.' }, { text: 'No.' });
    const started = performance.now();

    await run(['--only', 'more-memory', '--repeat', '2', '--json', json, '--transcripts', transcripts], env);

    const lines = readFileSync(transcripts, 'utf8').trim().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({ kind: 'tasks', id: 'more-memory', problems: [] });
    expect(first.messages.map(({ role }: { role: string }) => role)).toEqual(['person', 'model', 'tools', 'model']);
    expect(JSON.stringify(first.messages[2])).toContain('started');
    expect(second.problems).not.toEqual([]);
    expect(lines.join()).not.toContain('planted-key');
    const [{ ms }] = JSON.parse(readFileSync(json, 'utf8')).cases;
    expect(performance.now() - started - ms).toBeGreaterThan(990);
  });

  test('asks no model before it knows that the results can be written and compared', async () => {
    const env = await withModel({ status: 500 });
    const missing = path.join(temporaryFolder('evals'), 'missing', 'results.json');
    for (const flag of ['--json', '--transcripts', '--compare'])
      await expect(run([flag, missing], env)).rejects.toThrow('ENOENT');
  });

  test('tries each case as often as asked, and compares with earlier results', async () => {
    const json = path.join(temporaryFolder('evals'), 'results.json');
    const args = ['--only', 'more-memory', '--repeat', '2'];
    await run([...args, '--json', json], await withModel(moreMemory, { text: 'Done.' }, { text: 'No.' }));

    const { text } = await run([...args, '--compare', json], await withModel({ text: 'No.' }, { text: 'No.' }));

    expect(JSON.parse(readFileSync(json, 'utf8')).cases[0].passed).toEqual([true, false]);
    expect(text).toContain('0 of 2  tasks  more-memory');
    expect(text).toMatch(/Compared with the latest results of played until .*, in points: tasks -50/);
  });

  test('refuses what it does not know', async () => {
    await expect(run(['--only', 'nonsense'])).rejects.toThrow('There is no kind or case nonsense; the kinds are');
    await expect(run(['--repeat', 'x'], await withModel())).rejects.toThrow('--repeat is a number from 1 on, not x');
    await expect(run([], { OPENAI_API_KEY: 'any' })).rejects.toThrow('no model');
  });
});

describe('a reader', () => {
  const right = prompts.map(({ id, expect }) =>
    isQuestion(expect) ? { id, question: 'Which one?' } : { id, tool: expect.tool, arguments: expect.arguments },
  );

  test('gets the tools and the prompts, but no expectation', () => {
    const sheet = readersSheet();

    for (const { name } of tools) expect(sheet).toContain(`"name":"${name}"`);
    for (const { id, text } of prompts) expect(sheet).toContain(JSON.stringify({ id, text }));
    expect(sheet).not.toContain('notes_admin');
    expect(sheet).not.toContain('"arguments":{');
  });

  test('is scored by the rules for models', async () => {
    const file = path.join(temporaryFolder('evals'), 'answers.json');
    writeFileSync(file, JSON.stringify(right));
    expect((await run(['--answers', file])).text).toBe('60 of 60 prompts answered as expected');

    const [first, second, ...others] = right;
    writeFileSync(file, JSON.stringify([{ ...first, tool: 'get_account', arguments: {} }, ...others]));
    const { text } = await run(['--answers', file]);

    expect(text).toContain(`${first?.id}: list_clusters was not called as expected, but get_account {}`);
    expect(text).toContain(`${second?.id}: get_cluster was not called as expected, but nothing`);
    expect(text).toContain('58 of 60 prompts answered as expected');

    const nulls = right.map((each) => ({ tool: null, arguments: null, question: null, ...each }));
    writeFileSync(file, JSON.stringify([...nulls, { id: 'en-quota2', tool: 'get_account' }]));
    expect((await run(['--answers', file])).text).toBe(
      'en-quota2: there is no such prompt\n60 of 60 prompts answered as expected',
    );
  });
});
