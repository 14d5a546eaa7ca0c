/**
 * An error as it stands in the log. Only these fields: libraries hang on their
 * errors what they were doing, such as the command with the password in it.
 */

export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Causes of causes; a circle of them ends here too. */
const DEEPEST = 5;

/** `shown` makes addresses readable or not, as the operator set it. */
export function errorFields(error: unknown, shown: (text: string) => string, depth = 0): LoggedError | string {
  if (!(error instanceof Error)) return shown(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const stack = error.stack === undefined ? {} : { stack: shown(error.stack) };
  return { type: error.name, message: shown(error.message), ...code, ...stack, ...causeOf(error, shown, depth) };
}

function causeOf(error: Error, shown: (text: string) => string, depth: number): Pick<LoggedError, 'cause'> {
  if (!(error.cause instanceof Error) || depth >= DEEPEST) return {};
  const cause = errorFields(error.cause, shown, depth + 1);
  return typeof cause === 'string' ? {} : { cause };
}
