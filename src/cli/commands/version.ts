import { Command } from 'commander';
import { SCHEMA_VERSION } from '../../store/contract.js';
import { VERSION } from '../../telemetry/version.js';
import { type JsonOption, withJson } from '../common-options.js';
import { json, line } from '../terminal/output.js';

export function version(): Command {
  return withJson(
    new Command('version').description('version of Sluice, of its store layout and of Node.js').action(run),
  );
}

function run(options: JsonOption): void {
  if (options.json) json({ sluice: VERSION, storeSchema: SCHEMA_VERSION, node: process.version });
  else line(`sluice ${VERSION} (store schema ${SCHEMA_VERSION}, Node.js ${process.version})`);
}
