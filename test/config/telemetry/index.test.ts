import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { readTelemetry } from '../../../src/config/telemetry/index.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const metrics = { protocol: 'http/protobuf', intervalMs: 60_000 };

describe('what is sent', () => {
  test.each([
    ['nothing without a collector', {}, undefined],
    ['nothing where the variable is blank', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
    ['nothing where the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    ['both, by protobuf', ENDPOINT, { traces: 'http/protobuf', metrics }],
    [
      'both, by JSON',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { traces: 'http/json', metrics: { ...metrics, protocol: 'http/json' } },
    ],
    [
      'each by its own protocol',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'HTTP/JSON' },
      { traces: 'http/json', metrics },
    ],
    [
      'only what has a collector',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/v1/traces' },
      { traces: 'http/protobuf', metrics: undefined },
    ],
    ['no traces', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, { traces: undefined, metrics }],
    ['no metrics', { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }, { traces: 'http/protobuf', metrics: undefined }],
    [
      'what several exporters name',
      { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console,otlp' },
      { traces: 'http/protobuf', metrics },
    ],
    [
      'as often as is wished',
      { ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL: '5000' },
      { traces: 'http/protobuf', metrics: { ...metrics, intervalMs: 5000 } },
    ],
  ])('%s', (_, env, config) => {
    const { config: read, warnings } = readTelemetry(env);
    expect(read).toEqual(config);
    expect(warnings).toEqual([]);
  });
});

describe('what cannot be sent is named, and the rest is sent', () => {
  test.each([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf or http\/json: gRPC is not supported.* No traces are sent\.$/,
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL .* No traces/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://$\u007bHOST}:4318' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT still contains a placeholder.* No traces/,
    ],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'planted' },
      /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be a URL .* No traces/,
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318 ' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL .* No traces/,
    ],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /^OTEL_TRACES_EXPORTER must be otlp or none\. No traces are sent\.$/],
  ])('%j', (env, words) => {
    const { config, warnings } = readTelemetry({ ...ENDPOINT, ...env });

    expect(config?.traces).toBeUndefined();
    expect(warnings[0]).toMatch(words);
    expect(warnings.join()).not.toContain('planted');
  });

  test.each(['often', '0', '-1', '1.5', '2147483648'])('an interval of %s', (OTEL_METRIC_EXPORT_INTERVAL) => {
    expect(readTelemetry({ ...ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL })).toMatchObject({
      config: { metrics },
      warnings: [expect.stringMatching(/^OTEL_METRIC_EXPORT_INTERVAL must be a whole number of milliseconds/)],
    });
  });

  test('none of it keeps the server from starting', () => {
    const config = loadConfig(['--sandbox'], { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, () =>
      expect.unreachable(),
    );

    expect(config).toMatchObject({
      telemetry: undefined,
      warnings: [expect.stringContaining('No traces'), expect.stringContaining('No metrics')],
    });
  });
});

describe('a secret is', () => {
  test.each([
    ['the value of a header', { OTEL_EXPORTER_OTLP_HEADERS: 'x-team=planted-7,api-key=other-planted-8' }],
    ['that of one signal', { OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'api-key=planted-7' }],
    ['what it stands for', { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20planted-7' }],
    ['the password in an address', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://user:planted-7@traces.example' }],
  ])('%s', (_, env) => {
    expect(readTelemetry({ ...ENDPOINT, ...env }).secrets).toContain('planted-7');
  });

  test('no word that other texts have as well', () => {
    const { secrets } = readTelemetry({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'x-scope-orgid=production' });
    expect(secrets).toEqual([]);
  });
});
