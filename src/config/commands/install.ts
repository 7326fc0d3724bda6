import * as z from 'zod';
import { TOOLSETS } from '../../tools/toolsets.ts';
import { flagName, type Surroundings, shapeOf } from '../flag-row.ts';
import { type ClientId, client } from '../flag-schemas.ts';
import { installFlags, uninstallFlags } from '../flags.ts';

export interface InstallCommand {
  command: 'install' | 'uninstall';
  client: ClientId;
  sandbox: boolean;
  /** Of the entry. */
  name: string;
  /** Whether nobody is to be asked. */
  yes: boolean;
  print: boolean;
  /** With which the client starts the server. */
  args: readonly string[];
}

export const installSchema = (command: InstallCommand['command'], surroundings: Surroundings) =>
  z
    .strictObject(
      { client: client(command), ...shapeOf(installFlags, surroundings) },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? notFor(command, issue.keys) : undefined) },
    )
    .transform(
      ({ client, sandbox = false, name, yes = false, print = false, access, readOnly, toolsets }): InstallCommand => ({
        command,
        client,
        sandbox,
        name: name ?? (sandbox ? 'ionos-postgres-sandbox' : 'ionos-postgres'),
        yes,
        print,
        args: [
          ...(access ? ['--access', access] : []),
          ...(readOnly ? ['--read-only'] : []),
          ...(toolsets.length < TOOLSETS.length ? ['--toolsets', toolsets.join(',')] : []),
        ],
      }),
    );

const notFor = (command: string, keys: readonly string[]) =>
  `${keys.map(flagName).join(', ')}: not for the command ${command}`;

/** Flags of install that uninstall has no use for, as a problem. */
export function needless(flags: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(flags).filter(
    (name) => Object.hasOwn(installFlags, name) && !Object.hasOwn(uninstallFlags, name),
  );
  return keys.length > 0 ? [notFor('uninstall', keys)] : [];
}
