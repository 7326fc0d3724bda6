import { createAnthropic } from './anthropic.ts';
import { createOpenai } from './openai.ts';
import type { Provider } from './provider.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Kind {
  key: string;
  url: string;
  defaultUrl: string;
  create: typeof createAnthropic;
}

const KINDS: Record<Provider['name'], Kind> = {
  anthropic: {
    ...{ key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL', defaultUrl: 'https://api.anthropic.com' },
    create: createAnthropic,
  },
  openai: {
    ...{ key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL', defaultUrl: 'https://api.openai.com/v1' },
    create: createOpenai,
  },
};

export const KEYS = Object.values(KINDS).map(({ key }) => key);

const isHttp = (url: string) => URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);

/** Undefined without a key. With both keys, a model whose name begins with "claude" is Anthropic's. */
export function providerFrom(env: Environment, model = env.EVALS_MODEL): Provider | undefined {
  const present = Object.values(KINDS).filter(({ key }) => env[key]);
  const [first] = present;
  if (!first) return undefined;
  if (!model) throw new Error(`${first.key} is set, but no model: name it in EVALS_MODEL or with --model`);
  const named = KINDS[model.startsWith('claude') ? 'anthropic' : 'openai'];
  const { key, url: name, defaultUrl, create } = present.includes(named) ? named : first;
  const url = env[name] || defaultUrl;
  if (!isHttp(url)) throw new Error(`${name} is no URL that begins with http:// or https://`);
  return create({ url, key: env[key] ?? '', model });
}
