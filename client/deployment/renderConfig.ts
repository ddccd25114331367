/** A configuration as a file that explains itself: the schema is its own documentation. */
import type { z } from 'zod/v4';

interface Hints {
  readonly [field: string]: unknown;
}

/**
 * JSON with every field's description above it. A field that is not set is a comment, with the hint for it: without the two slashes
 * before it, it is set.
 */
export function renderConfig(
  schema: z.ZodObject,
  values: Record<string, unknown>,
  hints: Hints = {},
  indent = '',
): string {
  const inner = `${indent}  `;
  const fields = Object.entries(schema.shape) as [string, z.ZodType][];
  const isSet = ([key]: [string, unknown]) => values[key] !== undefined;
  const describe = (field: z.ZodType) => `${inner}// ${field.description ?? ''}`;
  // before those that are set: they can all be followed by a comma
  const unset = fields
    .filter((field) => !isSet(field))
    .map(
      ([key, field]) => `${describe(field)}\n${inner}// ${JSON.stringify(key)}: ${JSON.stringify(hints[key] ?? null)},`,
    );
  const set = fields.filter(isSet).map(([key, field]) => {
    const nested = objectBehind(field);
    const value = values[key];
    const text = nested
      ? renderConfig(nested, value as Record<string, unknown>, hints[key] as Hints, inner).trimEnd()
      : JSON.stringify(value);
    return `${describe(field)}\n${inner}${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${[...unset, set.join(',\n')].join('\n')}\n${indent}}\n`;
}

/** The object schema inside of defaults. */
function objectBehind(schema: z.ZodType): z.ZodObject | undefined {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType } };
  if (def.type === 'object') return schema as z.ZodObject;
  return def.innerType === undefined ? undefined : objectBehind(def.innerType);
}
