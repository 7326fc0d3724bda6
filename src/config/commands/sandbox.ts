import * as z from 'zod';
import { flagName, type SettingsOf, type Surroundings, shapeOf } from '../flag-row.ts';
import { aloneFlags, sandboxFlags } from '../flags.ts';

export interface SandboxCommand {
  command: 'sandbox';
  host: string;
  port: number;
  sandbox: SandboxConfig;
}

export const toSandbox = ({ settle, latency, fail }: SettingsOf<typeof sandboxFlags>) => ({
  settleMs: Math.round(settle * 1000),
  latencyMs: latency,
  faults: fail,
});

export type SandboxConfig = ReturnType<typeof toSandbox>;

export const aloneSchema = (surroundings: Surroundings) =>
  z
    .strictObject(
      { ...shapeOf(aloneFlags, surroundings), ...shapeOf(sandboxFlags, surroundings) },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? serverOnly(issue.keys) : undefined) },
    )
    .transform(
      ({ host, port, ...rest }): SandboxCommand => ({ command: 'sandbox', host, port, sandbox: toSandbox(rest) }),
    );

function serverOnly(keys: string[]): string {
  const flags = keys.map(flagName);
  return `${flags.join(', ')}: not for the command sandbox, which serves only the sandbox`;
}
