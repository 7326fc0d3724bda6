import { describe, expect, test } from 'vitest';
import { prompts } from '../../scripts/evals/cases/prompts/index.ts';
import { questions } from '../../scripts/evals/cases/questions.ts';
import { tasks } from '../../scripts/evals/cases/tasks/index.ts';
import { converse } from '../../scripts/evals/conversation.ts';
import { providerFrom } from '../../scripts/evals/providers/index.ts';
import { tryPrompt, tryQuestion, tryTask } from '../../scripts/evals/run.ts';
import { isQuestion } from '../../scripts/evals/scoring.ts';
import { tools } from '../../src/tools/index.ts';
import { type Played, playedProvider } from './played-provider.ts';

async function model(...script: Played[]) {
  const { url, requests } = await playedProvider(script);
  const provider = providerFrom({ OPENAI_API_KEY: 'any', OPENAI_BASE_URL: url }, 'played') ?? expect.fail();
  const last = () => JSON.stringify(requests.at(-1)?.body.messages.at(-1));
  return { provider, requests, last };
}

const named = <Case extends { id: string }>(cases: readonly Case[], id: string) =>
  cases.find((each) => each.id === id) ?? expect.fail(id);
const calling = (tool: string, args: Record<string, unknown> | string = {}): Played => ({
  calls: [{ tool, arguments: args }],
});
const moreMemory = calling('update_cluster', { clusterId: 'orders', ram: 8192 });

describe('a prompt', () => {
  const disk = named(prompts, 'en-bigger-disk');

  test('passes with the right call, which ends it', async () => {
    const { provider, requests } = await model(
      calling('list_clusters'),
      calling('update_cluster', { clusterId: 'reporting', storageSize: 307_200 }),
    );

    const attempted = await tryPrompt(provider, disk);

    expect(attempted).toMatchObject({ problems: [], calls: 2, failedCalls: 0, usage: { input: 200, output: 20 } });
    expect(requests).toHaveLength(2);
  });

  test('fails with another call, and with none', async () => {
    const wrong = await model(calling('update_cluster', { clusterId: 'reporting', storageSize: 300 }));
    const silent = await model({ text: 'I have grown the disk.' });

    expect((await tryPrompt(wrong.provider, disk)).problems).toHaveLength(1);
    expect((await tryPrompt(silent.provider, disk)).problems).toHaveLength(1);
  });

  test('fails with another change in the same answer', async () => {
    const grow = (clusterId: string) => ({ tool: 'update_cluster', arguments: { clusterId, storageSize: 307_200 } });
    const { provider } = await model({ calls: [grow('reporting'), grow('orders')] });

    const attempted = await tryPrompt(provider, disk);

    expect(attempted.calls).toBe(2);
    expect(attempted.problems).toEqual([
      'beside update_cluster came update_cluster {"clusterId":"orders","storageSize":307200}',
    ]);
  });

  test('does not pass with arguments that cannot be read, which the model is told', async () => {
    const { provider, requests } = await model(calling('get_account', '{"a": '), { text: 'Hm.' });

    const attempted = await tryPrompt(provider, named(prompts, 'en-quota'));

    expect(attempted).toMatchObject({ calls: 1, failedCalls: 1 });
    expect(attempted.problems).toEqual([
      'get_account was not called as expected, but nothing',
      'get_account: The arguments are no JSON object: {"a": ',
    ]);
    expect(JSON.stringify(requests[1]?.body.messages.at(-1))).toContain('The arguments are no JSON object');
  });

  test('says that an answer was cut off', async () => {
    const { provider } = await model({ text: 'I would', stopped: 'length' });

    expect((await tryPrompt(provider, disk)).problems).toContain("the model's answer was cut off: length");
  });

  test.each(['Shall I?', 'Here is the plan. I am waiting for your go-ahead.', 'Zum Fortfahren „ja“ schreiben.'])(
    'lets a model ask before a call, as in "%s"',
    async (text) => {
      const right = calling('update_cluster', { clusterId: 'reporting', storageSize: 307_200 });
      const { provider } = await model({ text }, right);

      expect((await tryPrompt(provider, disk)).problems).toEqual([]);
    },
  );

  test('lets a model show a plan first, which is not the call', async () => {
    const shop = { clusterId: 'orders-staging', name: 'shop' };
    const preview = calling('delete_database', { ...shop, dryRun: true });
    const careful = await model(preview, { text: 'That one?' }, calling('delete_database', shop));
    const idle = await model({ text: 'Which?' }, preview, { text: 'Shall I?' });

    expect((await tryPrompt(careful.provider, named(prompts, 'de-which-shop'))).problems).toEqual([]);
    expect((await tryPrompt(idle.provider, named(prompts, 'de-which-shop'))).problems).toHaveLength(1);
  });

  test.each(prompts.filter(({ expect }) => isQuestion(expect)))(
    'that is ambiguous, $id, is answered by the person, and then the model has to do that',
    async ({ id, expect: wanted }) => {
      const { answer, call } = isQuestion(wanted) ? wanted : expect.fail();
      const right = calling(call.tool, call.arguments);
      const prompt = named(prompts, id);
      const { provider, last } = await model({ text: 'Tell me more.' }, right);
      expect((await tryPrompt(provider, prompt)).problems).toEqual([]);
      expect(last()).toContain(answer);

      const hasty = await model(right);
      expect((await tryPrompt(hasty.provider, prompt)).problems).toEqual([`called ${call.tool} instead of asking`]);
      const wrong = await model({ text: 'Which?' }, calling(call.tool, { ...call.arguments, clusterId: 'auth-prod' }));
      expect((await tryPrompt(wrong.provider, prompt)).problems).toHaveLength(1);
      const silent = await model({ text: '' });
      expect((await tryPrompt(silent.provider, prompt)).problems).toEqual(['asked nothing']);
    },
  );

  test('tells the model what the server says, the time and the place, and all tools', async () => {
    const { provider, requests } = await model();
    await tryPrompt(provider, disk);

    const [system] = requests[0]?.body.messages ?? [];
    expect(system?.content).toMatch(/Manages PostgreSQL clusters of IONOS Cloud.*2026-10-27T09:30.*Europe\/Berlin/s);
    expect(requests[0]?.body.tools).toHaveLength(tools.length);
  });
});

describe('a task', () => {
  const memory = named(tasks, 'more-memory');

  test('passes once its world is as it should be, with a yes where the server asks for one', async () => {
    const { provider } = await model(moreMemory, { text: 'orders has 8 GB of memory now.' });

    expect(await tryTask(provider, memory)).toMatchObject({ problems: [], calls: 1, failedCalls: 0 });
  });

  test('fails for a model that only says so', async () => {
    const { provider } = await model({ text: 'orders has 8 GB of memory now.' });

    expect((await tryTask(provider, memory)).problems).toEqual(['orders/properties/ram: was not changed']);
  });

  test('lets a model ask first, but not without end', async () => {
    const asking = { text: 'Shall I do that?' };
    const { provider, requests, last } = await model(asking, asking, asking, asking, moreMemory);

    expect((await tryTask(provider, memory)).problems).toEqual(['orders/properties/ram: was not changed']);
    expect(requests).toHaveLength(4);
    expect(last()).toContain('Yes, go ahead');
  });

  test('lets a model ask in any words', async () => {
    const { provider } = await model({ text: 'I would give orders 8 GB, and await a word from you.' }, moreMemory);

    expect((await tryTask(provider, memory)).problems).toEqual([]);
  });

  test('counts as failed what the person declines, and tells a model the name that has to be typed', async () => {
    const deletion = named(tasks, 'delete-cluster');
    const { provider, requests } = await model(
      calling('delete_cluster', { clusterId: 'orders' }),
      { text: 'Please type its name.' },
      calling('delete_cluster', { clusterId: deletion.person?.types ?? '' }),
    );

    expect(await tryTask(provider, deletion)).toMatchObject({ problems: [], calls: 2, failedCalls: 1 });
    expect(JSON.stringify(requests[2]?.body.messages.at(-1))).toContain('The name to type is orders-staging.');
  });

  test('says no further yes once all is done', async () => {
    const { provider, requests } = await model(moreMemory, { text: 'Done. Anything else?' }, moreMemory);

    expect((await tryTask(provider, memory)).problems).toEqual([]);
    expect(requests).toHaveLength(2);
  });

  test('counts calls that fail, and shows the model why', async () => {
    const { provider, requests } = await model(
      calling('update_cluster', '{"clusterId": "orders'),
      calling('no_such_tool'),
      calling('update_cluster', { clusterId: 'orders', ram: 8 }),
      moreMemory,
    );

    expect(await tryTask(provider, memory)).toMatchObject({ problems: [], calls: 4, failedCalls: 3 });
    const shown = requests.slice(1, 4).map(({ body }) => JSON.stringify(body.messages.at(-1)));
    expect(shown[0]).toContain('no JSON object');
    expect(shown[1]).toContain('no_such_tool not found');
    expect(shown[2]).toContain('The unit is MB');
  });

  test('waits for a cluster in little time', async () => {
    const { provider, requests } = await model(
      calling('wait_for_cluster', { clusterId: 'auth-prod' }),
      calling('update_cluster', { clusterId: 'auth-prod', cores: 4 }),
    );
    const { problems, ms } = await tryTask(provider, named(tasks, 'once-it-is-ready'));

    expect(problems).toEqual([]);
    expect(JSON.stringify(requests[1]?.body.messages.at(-1))).toContain('reached');
    expect(ms).toBeLessThan(15_000);
  });
});

describe('a question', () => {
  const lan = named(questions, 'same-lan');

  test('passes with its answer in the form that the model is told', async () => {
    const { provider, requests } = await model(calling('list_clusters', { detail: 'full' }), {
      text: 'They share LAN 2.\n\nAnswer: billing, orders, sensors',
    });

    expect(await tryQuestion(provider, lan)).toMatchObject({ problems: [], calls: 1 });
    expect(JSON.stringify(requests[0]?.body.messages)).toContain('begins with');
  });

  test('fails with another answer, and for a change on the way', async () => {
    const { provider } = await model(moreMemory, { text: 'Answer: billing' });

    const { problems } = await tryQuestion(provider, lan);

    expect(problems[0]).toBe('answered "Answer: billing", not billing, orders, sensors');
    expect(problems).toContain('orders/properties/ram was changed');
  });
});

test('a conversation ends after so many turns', async () => {
  const { provider } = await model(...Array<Played>(9).fill(calling('list_clusters')));

  const talked = await converse({
    ...{ provider, system: '', tools: [], prompt: 'Which?', mostTurns: 3 },
    call: async () => ({ text: 'none', isError: false }),
  });

  expect(talked).toMatchObject({ problem: 'no end after 3 turns', usage: { input: 300, output: 30 } });
  expect(talked.calls).toHaveLength(3);
});
