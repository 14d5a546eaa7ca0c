// Replays the Dockerfile in plain folders, for machines without a container engine:
// every COPY and RUN of every stage, under this Node instead of the image's, and at
// the end the entry point with the arguments given. It knows the instructions that
// our Dockerfile uses and fails on any other.
//   node scripts/replay-dockerfile.mjs version
import { execFileSync, execSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'sluice-image-'));
const stages = new Map();
let stage = '';
let folder = '/';
let environment = process.env;
let entry = [];

const inStage = (path) => join(root, stage, path.startsWith('/') ? path : join(folder, path));

const instructions = {
  FROM(rest) {
    const [, image, name] = /^(\S+)(?: AS (\S+))?$/.exec(rest);
    if (!/^node:\d+-[a-z-]+$/.test(image)) throw new Error(`not a tagged Node image: ${image}`);
    stage = name ?? 'image';
    stages.set(stage, join(root, stage));
    mkdirSync(join(root, stage), { recursive: true });
    folder = '/';
    environment = { ...process.env };
  },
  WORKDIR(rest) {
    folder = rest;
    mkdirSync(inStage('.'), { recursive: true });
  },
  ENV(rest) {
    const [name, value] = rest.split('=');
    environment = { ...environment, [name]: value };
  },
  COPY(rest) {
    const parts = rest.split(/\s+/);
    const from = parts[0].startsWith('--from=') ? stages.get(parts.shift().slice('--from='.length)) : process.cwd();
    const to = inStage(parts.pop());
    for (const source of parts) {
      const target = to.endsWith('/') ? join(to, basename(source)) : to;
      cpSync(join(from, source), target, { recursive: true });
    }
  },
  RUN(rest) {
    // Folders outside of the stage's own, and users of the image, are the image's business.
    if (rest.startsWith('mkdir -p /var/lib/sluice && chown node:node')) return;
    process.stdout.write(`[${stage}] ${rest}\n`);
    execSync(rest, { cwd: inStage('.'), env: environment, stdio: 'inherit' });
  },
  ENTRYPOINT(rest) {
    entry = JSON.parse(rest);
  },
  CMD: (rest) => void JSON.parse(rest),
  HEALTHCHECK(rest) {
    const [, command] = /CMD (\[.*\])$/.exec(rest);
    // The health check must be a program that Node can parse.
    const [program, flag, code] = JSON.parse(command);
    if (program !== 'node' || flag !== '-e') throw new Error('unknown health check');
    execFileSync(process.execPath, ['--check', '-'], { input: code });
  },
  USER(rest) {
    if (rest === 'root') throw new Error('the image must not run as root');
  },
  LABEL() {},
  VOLUME() {},
  EXPOSE() {},
  STOPSIGNAL() {},
};

try {
  const lines = readFileSync('Dockerfile', 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    const [, name, rest] = /^(\S+)\s+(.*)$/.exec(line);
    const instruction = instructions[name];
    if (instruction === undefined) throw new Error(`unknown instruction: ${line}`);
    instruction(rest);
  }
  const [, main] = entry;
  const program = inStage(main);
  if (!existsSync(program)) throw new Error(`${main} is not in the image`);
  // As another user than the files' owner: the image runs as `node`.
  if ((statSync(program).mode & 0o004) === 0) throw new Error(`${main} is not readable by others`);
  chmodSync(root, 0o755);
  const unprivileged = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
  execFileSync(process.execPath, [program, ...process.argv.slice(2)], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    ...unprivileged,
  });
} finally {
  rmSync(root, { recursive: true, force: true });
}
