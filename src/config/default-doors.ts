/** Other doors than the SMTP one: their sections have a `listen` of their own. */
const OTHER_DOORS = ['milter', 'policyd'] as const;

/**
 * Who configures another door and says nothing of `listen` wants no SMTP
 * listener: without a relay it could not do anything.
 */
export function withDefaultDoors(given: unknown): unknown {
  if (!isMapping(given) || 'listen' in given) return given;
  const another = OTHER_DOORS.some((door) => {
    const section = given[door];
    return isMapping(section) && Array.isArray(section.listen) && section.listen.length > 0;
  });
  return another ? { ...given, listen: [] } : given;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
