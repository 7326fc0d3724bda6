import type { OtlpProtocol, TelemetryConfig } from '../../telemetry/index.ts';
import { placeholderIn } from '../../text/placeholder.ts';
import { unfilled } from '../environment.ts';
import type { Environment } from '../paths.ts';

export interface TelemetrySettings {
  /** Undefined where nothing is sent. */
  config?: TelemetryConfig;
  secrets: string[];
  /** Others share these variables, so what is wrong with them keeps no server from starting. */
  warnings: string[];
}

const SIGNALS = { traces: 'TRACES', metrics: 'METRICS' } as const;
type Signal = keyof typeof SIGNALS;

const PROTOCOLS: readonly OtlpProtocol[] = ['http/protobuf', 'http/json'];
const INTERVAL_MS = 60_000;
/** Node would run a longer one every millisecond. */
const LONGEST_MS = 2 ** 31 - 1;

/** By the variables of OpenTelemetry that decide whether and how something is sent. */
export function readTelemetry(env: Environment): TelemetrySettings {
  const warnings: string[] = [];
  const traces = protocolOf('traces', env, warnings);
  const metrics = protocolOf('metrics', env, warnings);
  if (!traces && !metrics) return { secrets: [], warnings };
  const config = { traces, metrics: metrics && { protocol: metrics, intervalMs: intervalIn(env, warnings) } };
  return { config, secrets: secretsIn(env), warnings };
}

/** Undefined where the signal is not sent. */
function protocolOf(signal: Signal, env: Environment, warnings: string[]): OtlpProtocol | undefined {
  const own = SIGNALS[signal];
  const [endpointName, endpoint] = first(env, `OTEL_EXPORTER_OTLP_${own}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  const exporters = (textOf(env, `OTEL_${own}_EXPORTER`) ?? 'otlp').toLowerCase().split(',');
  if (endpoint === undefined || isDisabled(env) || exporters.includes('none')) return undefined;
  const withhold = (problem: string) => {
    warnings.push(`${problem}. No ${signal} are sent.`);
    return undefined;
  };
  if (!exporters.includes('otlp')) return withhold(`OTEL_${own}_EXPORTER must be otlp or none`);
  const placeholder = placeholderIn(endpoint);
  if (placeholder !== undefined) return withhold(unfilled(endpointName, placeholder));
  if (!isHttp(env[endpointName] ?? ''))
    return withhold(`${endpointName} must be a URL that begins with http:// or https://`);
  const names = [`OTEL_EXPORTER_OTLP_${own}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
  const [protocolName, wanted = 'http/protobuf'] = first(env, ...names);
  const protocol = PROTOCOLS.find((each) => each === wanted.toLowerCase());
  return protocol ?? withhold(`${protocolName} must be http/protobuf or http/json${NO_GRPC}`);
}

const NO_GRPC = ': gRPC is not supported; collectors take these on port 4318';

const isDisabled = (env: Environment) => textOf(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';

/** The libraries add to the text as it is given, with its white space. */
const isHttp = (text: string) => !/\s/.test(text) && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

function intervalIn(env: Environment, warnings: string[]): number {
  const interval = textOf(env, 'OTEL_METRIC_EXPORT_INTERVAL');
  if (interval === undefined) return INTERVAL_MS;
  const ms = Number(interval);
  if (Number.isInteger(ms) && ms > 0 && ms <= LONGEST_MS) return ms;
  warnings.push(`OTEL_METRIC_EXPORT_INTERVAL must be a whole number of milliseconds. Metrics are sent once a minute.`);
  return INTERVAL_MS;
}

/** Headers often are keys, and addresses can hold a password. */
function secretsIn(env: Environment): string[] {
  const ofSignals = Object.values(SIGNALS).map((name) => `${name}_`);
  const values = ['', ...ofSignals].flatMap((own) => {
    const endpoint = textOf(env, `OTEL_EXPORTER_OTLP_${own}ENDPOINT`) ?? '';
    const { password = '' } = isHttp(endpoint) ? new URL(endpoint) : {};
    return [...headerValues(textOf(env, `OTEL_EXPORTER_OTLP_${own}HEADERS`) ?? ''), password, unescaped(password)];
  });
  return [...new Set(values.filter((value) => !isWord(value)))];
}

/** Such as the name of a tenant, which redaction would cut out of every text. */
const isWord = (value: string) => value.length < 20 && /^[a-z_-]*$/i.test(value);

/** `name=value` pairs, separated by commas; values are percent-encoded. */
function headerValues(text: string): string[] {
  const values = text.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
  return values.flatMap((value) => [value, unescaped(value)]).flatMap((value) => [value, withoutScheme(value)]);
}

/** The credentials alone of `Bearer …` or `Basic …`. */
const withoutScheme = (value: string) => value.slice(value.lastIndexOf(' ') + 1);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The first of these that is set, or the last. */
function first(env: Environment, ...names: readonly [string, string]): [name: string, value: string | undefined] {
  const [own, common] = names;
  const value = textOf(env, own);
  return value === undefined ? [common, textOf(env, common)] : [own, value];
}

const textOf = (env: Environment, name: string) => env[name]?.trim() || undefined;
