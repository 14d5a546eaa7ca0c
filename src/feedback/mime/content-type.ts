export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TYPE = /^\s*([a-z0-9!#$&^_.+-]{1,60})\s*\/\s*([a-z0-9!#$&^_.+-]{1,80})/i;
const PARAMETER = /;\s*([a-z0-9!#$%&'*+^_`{|}~.-]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"?|([^\s;"]{1,1000}))/gi;

/** RFC 2045 §5.1, leniently; text/plain where there is none. */
export function parseContentType(value: string): ContentType {
  const match = TYPE.exec(value);
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of value.slice(0, 4_000).matchAll(PARAMETER)) {
    parameters[name.toLowerCase().replace(/\*\d*\*?$/, '')] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
  }
  // `Content-Type: text` is what some very old systems say.
  const type = match === null ? 'text/plain' : `${match[1]}/${match[2]}`.toLowerCase();
  return { type, parameters };
}
