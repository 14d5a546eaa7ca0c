/**
 * Runs the compiled tests that it is given, some at a time, as a test of tap itself:
 * what tap would start has a loader that writes down what each file reads, at half a
 * second of each of two hundred files, and nothing here asks for that.
 */
import t from 'tap';

/** Beyond two cores' worth: most of them wait for others now and then. */
const AT_ONCE = 3;
const LONGEST_MS = 480_000;

t.jobs = AT_ONCE;
for (const file of process.argv.slice(2)) {
  const node = ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps'];
  t.spawn('env', [...node, file], { at: null, stack: '', buffered: true, timeout: LONGEST_MS }, file);
}
