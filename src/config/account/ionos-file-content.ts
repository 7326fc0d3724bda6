import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { problem } from '../../secure-url.ts';
import { type FoundFile, type IonosFile, nameKey } from './ionos-file.ts';

/** Throws ConfigError for what cannot be read at all. No problem repeats a value: any could be a secret. */
export function readIonosFile(text: string, source: string): Omit<FoundFile, 'warnings'> {
  const { success, data, error } = file.safeParse(parsed(text, source));
  if (!success) {
    const problems = error.issues.map(({ path, message }) => `${source}: ${placeOf(path)} ${message}`);
    return { problems, secrets: [] };
  }
  const { secrets, ...content } = toContent(data, source);
  const problems = problemsOf(content).map((words) => `${source}: ${words}`);
  return { file: problems.length === 0 ? content : undefined, problems, secrets };
}

/** Every scalar stays a text, as in IONOS's own programs: a password 0123 is no number. */
function parsed(text: string, source: string): unknown {
  const lines = new LineCounter();
  const settings = { prettyErrors: false, lineCounter: lines };
  const document = parseDocument(text, { ...settings, schema: 'failsafe', customTags: ['null'] });
  const [fault] = document.errors;
  // Its words can contain the content.
  if (fault) return problem(`${source}: not YAML (${fault.code}, line ${lines.linePos(fault.pos[0]).line})`);
  if (document.contents === null) return problem(`${source}: the file is empty`);
  try {
    return document.toJS();
  } catch {
    return problem(`${source}: an alias (*) has no anchor (&), or there are too many aliases`);
  }
}

const text = z
  .string({ error: 'must be a text' })
  .nullish()
  .transform((value) => (value?.trim() ? value : undefined));
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item, { error: 'must be a list' })
    .nullish()
    .transform((items) => items ?? []);
const fields = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape, { error: 'must be a mapping' });

const credentials = fields({ token: text, username: text, password: text, s3AccessKey: text, s3SecretKey: text });
const endpoint = fields({
  name: text,
  location: text,
  skipTlsVerify: text.refine((value) => value === undefined || /^(true|false)$/i.test(value), 'must be true or false'),
  certificateAuthData: text,
});
const environment = fields({
  name: text,
  certificateAuthData: text,
  products: list(fields({ name: text, endpoints: list(endpoint) })),
});
const file = fields({
  version: text.refine((value) => value === undefined || /^1(\.\d+)?$/.test(value), 'must be 1.0'),
  currentProfile: text,
  profiles: list(fields({ name: text, environment: text, credentials: credentials.nullish() })),
  environments: list(environment),
});

function placeOf(path: readonly PropertyKey[]): string {
  const words = path.map((each) => (typeof each === 'number' ? `[${each}]` : `.${String(each)}`)).join('');
  return words.replace(/^\./, '') || 'the file';
}

type Content = IonosFile & { secrets: string[] };

function toContent({ currentProfile, profiles, environments }: z.output<typeof file>, source: string): Content {
  const secrets = profiles.flatMap(({ credentials }) => {
    const { token, password, s3AccessKey, s3SecretKey } = credentials ?? {};
    return [token?.trim().replace(/^bearer\s+/i, ''), password, s3AccessKey, s3SecretKey];
  });
  return {
    source,
    currentProfile,
    secrets: secrets.filter((secret) => secret !== undefined),
    profiles: profiles.map(({ name = '', environment, credentials }, n) => {
      const { token, username, password } = credentials ?? {};
      return { place: `profiles[${n}]`, name, environment, credentials: { token, username, password } };
    }),
    environments: environments.map(({ name = '', certificateAuthData, products }, n) => {
      const place = `environments[${n}]`;
      return {
        place,
        name,
        certificateAuthData,
        products: products.map((each, p) => toProduct(each, `${place}.products[${p}]`, certificateAuthData)),
      };
    }),
  };
}

function toProduct({ name = '', endpoints }: Product, place: string, authorities: string | undefined) {
  return {
    place,
    name,
    endpoints: endpoints.map(({ name = '', location, skipTlsVerify, certificateAuthData: own }, n) => ({
      place: `${place}.endpoints[${n}]`,
      ...{ name, location, skipTlsVerify: skipTlsVerify?.toLowerCase() === 'true' },
      certificateAuthData: [authorities, own].filter(Boolean).join('\n') || undefined,
    })),
  };
}

type Product = z.output<typeof environment>['products'][number];

/** The rules of IONOS's own check, except those for products that are not known. */
function problemsOf({ currentProfile, profiles, environments }: IonosFile): string[] {
  const products = environments.flatMap((each) => each.products);
  const known = environments.map(({ name }) => name);
  return [
    ...nameless([...profiles, ...environments, ...products, ...products.flatMap(({ endpoints }) => endpoints)]),
    ...repeated(profiles, nameKey),
    ...repeated(environments),
    ...environments.flatMap((each) => repeated(each.products)),
    ...products.filter(({ endpoints }) => endpoints.length === 0).map(({ place }) => `${place} has no endpoints`),
    ...profiles
      .filter(({ environment }) => environment !== undefined && !known.includes(environment))
      .map(({ place }) => `${place}.environment is not the name of an environment`),
    ...(currentProfile === undefined || profiles.some(({ name }) => nameKey(name) === nameKey(currentProfile))
      ? []
      : ['currentProfile is not the name of a profile']),
  ];
}

interface Named {
  place: string;
  name: string;
}

const nameless = (all: readonly Named[]) =>
  all.filter(({ name }) => name === '').map(({ place }) => `${place}.name is missing`);

function repeated(all: readonly Named[], keyOf = (name: string) => name): string[] {
  const keys = all.map(({ name }) => keyOf(name));
  return all
    .filter(({ name }, n) => name !== '' && keys.indexOf(keyOf(name)) < n)
    .map(({ place, name }) => `${place}.name is the same as ${all[keys.indexOf(keyOf(name))]?.place}.name`);
}
