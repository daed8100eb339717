// Pure data. The models that this vendor pretends to have: all that current clients ask for by themselves.

/** The names that the model lists show. */
export const MODEL_NAMES: readonly string[] = [
  'practice-1',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-fable-5-2',
  'claude-opus-4-8',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'gpt-5.5',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'gpt-6',
  'gpt-6-astra',
  'gpt-6-sol',
  'gpt-6-luna',
  'gpt-6.1-sol',
  'gpt-6.1-terra',
  'gemini-3-flash-preview',
  'gemini-3-pro-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.1-pro-preview-customtools',
  'gemini-3.5-flash-lite',
  'gemini-3.8-flash',
];

const FAMILIES = [/^gpt-(5\.6|6)([.-][a-z0-9.-]+)?$/, /^gemini-3[a-z0-9.-]*$/, /^codex-auto-review$/];
const DATED = /-20\d{6}$/;

/** Tells whether this vendor has a model; dated names of listed models count too. */
export function hasModel(model: string): boolean {
  return MODEL_NAMES.includes(model.replace(DATED, '')) || FAMILIES.some((family) => family.test(model));
}
