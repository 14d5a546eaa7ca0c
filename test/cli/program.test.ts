import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import t from 'tap';
import { commandTree, everyNode } from '../../src/cli/completion/command-tree.js';
import { EXIT, EXIT_MEANINGS } from '../../src/cli/exit-codes.js';
import { createProgram } from '../../src/cli/program.js';
import { startSluice } from './sluice.js';

t.test('each trouble has its exit code, and one line on stderr', { timeout: 60_000 }, async (t) => {
  const sluice = await startSluice(t);
  const cases: readonly [readonly string[], number][] = [
    [['nonsense'], EXIT.usage],
    [['usage'], EXIT.usage],
    [['usage', 'acme', '--wrong'], EXIT.usage],
    [['suppress', 'list', '--limit', '0'], EXIT.usage],
    [['usage', 'acme', '--config', 'nowhere.yaml'], EXIT.config],
  ];
  for (const [args, code] of cases) {
    const answer = await sluice.run(args);
    t.equal(answer.code, code, args.join(' '));
    t.match(answer.stderr, /^sluice: [^\n]+\n$/, args.join(' '));
    t.equal(answer.stdout, '');
  }
  await sluice.write(
    'sluice.yaml',
    `listen: [{name: a, address: 127.0.0.1:0}]\nrelay: {hosts: ["127.0.0.1:9"]}\nstore: {redis: {socket: ${join(sluice.folder, 'nobody.sock')}}}\n`,
  );
  const away = await sluice.run(['usage', 'acme']);
  t.equal(away.code, EXIT.store);
  t.match(away.stderr, /^sluice: [^\n]+\n$/);
  await rm(join(sluice.folder, 'sluice.yaml'));
  t.equal((await sluice.run(['usage', 'acme'])).code, EXIT.config, 'no config anywhere');
});

t.test('help is an answer: of the program with its exit codes, of each command with what it takes', async (t) => {
  const sluice = await startSluice(t);
  const { code, stdout, stderr } = await sluice.run(['--help']);
  t.equal(code, 0);
  t.equal(stderr, '');
  for (const [exitCode, meaning] of EXIT_MEANINGS)
    t.match(stdout, new RegExp(`^  ${exitCode} +${meaning.replace(/[()]/g, '.')}`, 'm'));
  t.same(
    EXIT_MEANINGS.map(([exitCode]) => exitCode),
    Object.values(EXIT),
    'every code is explained',
  );
  t.match((await sluice.run(['version'])).stdout, /^sluice \d+\.\d+\.\d+/);
  t.match((await sluice.ask(['version'])).answer, { storeSchema: 1 });
});

t.test('every command has a description, and --json where it answers', async (t) => {
  const withoutAnswer = ['serve', 'trial', 'completion'];
  const visit = (command: Command): void => {
    t.not(command.description(), '', command.name());
    if (command.commands.length > 0) command.commands.forEach(visit);
    else if (!withoutAnswer.includes(command.name())) {
      t.ok(
        command.options.some(({ long }) => long === '--json'),
        `${command.name()} --json`,
      );
    }
  };
  const program = await createProgram();
  visit(program);
  for (const child of program.commands) {
    const alone = (await createProgram(child.name())).commands.find((command) => command.name() === child.name());
    t.equal(alone?.helpInformation(), child.helpInformation(), `${child.name()} loaded alone`);
  }
});

t.test('completion scripts parse, and complete what there is', async (t) => {
  const sluice = await startSluice(t);
  const { code, stdout: script } = await sluice.run(['completion', 'bash']);
  t.equal(code, 0);
  execFileSync('bash', ['-n'], { input: script });
  const complete = (...words: string[]): readonly string[] => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8', cwd: sluice.folder })
      .trim()
      .split('\n');
  };
  t.same(complete('sluice', 'supp'), ['suppress']);
  t.same(complete('sluice', 'suppress', 'im'), ['import']);
  t.same(complete('sluice', 'suppress', 'import', '--bad-rows', ''), ['refuse', 'skip']);
  t.same(complete('sluice', 'suppress', 'import', '--res'), ['--resume']);
  t.same(complete('sluice', 'completion', 'z'), ['zsh']);
  t.same(complete('sluice', '--config', 'supp', 'suppr'), ['suppress']);
  t.equal((await sluice.run(['completion', 'csh'])).code, 2);

  const nodes = everyNode(commandTree(await createProgram()));
  for (const shell of ['zsh', 'fish']) {
    const { stdout } = await sluice.run(['completion', shell]);
    for (const { name } of nodes) t.ok(stdout.includes(name), `${shell}: ${name}`);
  }
});
