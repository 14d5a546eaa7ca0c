import { Command, Option } from 'commander';
import { formatErrors } from '../../config/config-error.js';
import { effectiveYaml } from '../../config/effective-yaml.js';
import { loadConfig } from '../../config/load.js';
import { notesOn } from '../../config/notes.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { configPath } from '../read-config.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly printEffective?: true;
}

export function checkConfig(): Command {
  const command = new Command('check-config')
    .description('every error of a config at once, with line and column; exits with 3 if there is any')
    .argument('[file]', 'the config (default: as for the other commands)')
    .addOption(
      new Option('--print-effective', 'print it as YAML, every default filled in, secrets masked').conflicts('json'),
    )
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice check-config /etc/sluice/sluice.yaml',
    'sluice check-config --print-effective | less',
  ]);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined && options.config !== undefined)
    throw new Failure(EXIT.usage, `one config at a time: ${file} or ${options.config}`);
  const path = configPath(file === undefined ? options : { config: file });
  const loaded = await loadConfig(path);
  if (loaded.ok) {
    const notes = notesOn(loaded.config);
    if (options.json) json({ file: path, valid: true, errors: [], notes });
    else if (options.printEffective) line(effectiveYaml(loaded.config, loaded.source).trimEnd());
    else for (const text of [`${path}: valid`, ...notes.map((note) => `note: ${note}`)]) line(text);
    return;
  }
  if (options.json) json({ file: path, valid: false, errors: loaded.errors });
  else process.stderr.write(formatErrors(loaded.errors));
  process.exitCode = EXIT.config;
}
